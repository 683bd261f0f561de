"""A `timeline` block held against what happened: where its rows stand, and whether that is so."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proofread._expect import matches
from proofread._figure import Strip, dump
from proofread._rows import parse
from proofread._tape import PRINTED, REQUEST, RESPONSE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from proofread._rows import Row
    from proofread._tape import Event, Tape

SLACK = 0.5
"""Seconds within which rows of two programs may stand either way: which comes first is chance."""


class Untrue(ValueError):
    """Rows that do not tell what happened."""


@dataclass(frozen=True, slots=True)
class Span:
    """A bar, or a point where it ends as it begins."""

    first: Event
    last: Event


@dataclass(frozen=True, slots=True)
class Track:
    """A row, and where it stands on the axis."""

    row: Row
    spans: tuple[Span, ...]

    @property
    def begin(self) -> Event:
        return min((span.first for span in self.spans), key=lambda event: event.at)

    @property
    def end(self) -> Event:
        return max((span.last for span in self.spans), key=lambda event: event.at)


def measure(rows: Sequence[Row], events: Sequence[Event]) -> list[Track]:
    """Find what each row is about; `Untrue` if something did not happen, or only half."""
    return [Track(row, tuple(_spans(row, events))) for row in rows]


def _spans(row: Row, events: Sequence[Event]) -> Iterator[Span]:
    began = _found(row, row.first, events)
    if row.last is None:
        yield from (Span(event, event) for event in began)
        return
    ended = _found(row, row.last, events)
    if len(began) != len(ended):
        times = f"{row.first} came {_times(began)}, and {row.last} {_times(ended)}"
        raise Untrue(f"{row.label}: {times}. A bar needs both.")
    for first, last in zip(began, ended, strict=True):
        if last.surely_before(first):
            raise Untrue(f"{row.label}: {row.last} came before {row.first}.")
        yield Span(first, last)


def _times(events: Sequence[Event]) -> str:
    return "once" if len(events) == 1 else f"{len(events)} times"


def _found(row: Row, said: str, events: Sequence[Event]) -> list[Event]:
    if said in {REQUEST, RESPONSE}:
        found = [e for e in events if e.kind == said and row.label in {e.text, _path(e.text)}]
        missing = f"no `http` block above sends {row.label}, since its server came up or the last"
    else:
        text = said[1:-1]
        found = [e for e in events if e.kind == PRINTED and matches(text, e.text)]
        missing = f"{said} was not printed, by Python itself, since its server came up or the last"
    if not found:
        raise Untrue(f"{row.label}: {missing} timeline.")
    return found


def _path(request: str) -> str:
    return request.partition("?")[0]


def judge(tracks: Sequence[Track], events: Sequence[Event]) -> Iterator[str]:
    """What the rows say wrongly, or keep to themselves."""
    for above, below in _misplaced(tracks):
        yield f"{below.row.label!r} began before {above.row.label!r}, which stands above it."
    for number, track in enumerate(tracks):
        for above, below in _overlaps(tracks, number) if track.row.after_all else ():
            late = 1000 * (above.end.at - below.begin.at)
            yield (
                f"An empty line says that {above.row.label!r} had ended when {below.row.label!r}"
                f" began; it ended {late:.1f} ms later."
            )
    yield from _untold(tracks, events)


def _misplaced(tracks: Sequence[Track]) -> Iterator[tuple[Track, Track]]:
    for number, above in enumerate(tracks):
        for below in tracks[number + 1 :]:
            one, other = above.begin, below.begin
            if other.surely_before(one) and not _by_chance(one, other):
                yield above, below


def _by_chance(one: Event, other: Event) -> bool:
    """Whether two programs were about equally fast; what follows a request follows it."""
    if one.source == other.source or REQUEST in {one.kind, other.kind}:
        return False
    return abs(one.at - other.at) < SLACK


def _overlaps(tracks: Sequence[Track], number: int) -> Iterator[tuple[Track, Track]]:
    """Where something before a row ended only after something from there on had begun."""
    for above in tracks[:number]:
        for below in tracks[number:]:
            if below.begin.surely_before(above.end):
                yield above, below


def _untold(tracks: Sequence[Track], events: Sequence[Event]) -> Iterator[str]:
    """Requests within the span of the figure that it does not show."""
    begin, end = min(t.begin.at for t in tracks), max(t.end.at for t in tracks)
    for event in events:
        told = any(track.row.label in {event.text, _path(event.text)} for track in tracks)
        if event.kind == REQUEST and begin <= event.at <= end and not told:
            yield f"{event.text} was sent in the meantime, and no row takes it."


def corrected(tracks: Sequence[Track]) -> str:
    """As the block should read: rows by where they begin, with those empty lines that are true."""
    new = list(tracks)
    if any(True for _ in _misplaced(tracks)):
        new.sort(key=lambda track: track.begin.at)
    parted = [set(tracks[:n]) for n, track in enumerate(tracks) if track.row.after_all]
    width = max(len(track.row.label) for track in tracks)
    lines: list[str] = []
    for number, track in enumerate(new):
        if set(new[:number]) in parted and not any(True for _ in _overlaps(new, number)):
            lines.append("")
        lines.append(f"{track.row.label:{width}}   {track.row.said}")
    return "\n".join(lines)


def strips(tracks: Sequence[Track]) -> list[Strip]:
    """What to draw: milliseconds from the first event on."""
    zero = min(track.begin.at for track in tracks)
    return [
        Strip(
            label=track.row.label,
            said=track.row.said,
            bars=track.row.last is not None,
            kind=PRINTED if track.row.first.startswith('"') else REQUEST,
            after_all=track.row.after_all,
            spans=tuple(_milliseconds(span, zero, _end(tracks, number)) for span in track.spans),
        )
        for number, track in enumerate(tracks)
    ]


def _end(tracks: Sequence[Track], number: int) -> float:
    """What is known of when a row has ended by that of rows below an empty line."""
    rest = tracks[number + 1 :]
    gap = next((n for n, track in enumerate(rest) if track.row.after_all), len(rest))
    return min((track.begin.at for track in rest[gap:]), default=float("inf"))


def _milliseconds(span: Span, zero: float, end: float) -> tuple[float, float]:
    last = min(span.last.at, end)
    first = min(span.first.at, last)
    return round(1000 * (first - zero), 2), round(1000 * (last - zero), 2)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a block."""

    problems: tuple[str, ...] = ()
    corrected: str | None = None
    """What it should say instead."""
    drawn: str = ""
    """Its figure, as receipts keep it."""


def tell(text: str, tape: Tape, *, shown: Callable[[str], str], limit: float) -> Told:
    """Wait until all that a block shows has happened, and hold it against that.

    Args:
        text: The block.
        tape: What has happened so far; the next timeline of the section begins where this ends.
        shown: Gives a line the port that the page shows.
        limit: Seconds to wait.
    """
    rows = parse(text)
    deadline = time.monotonic() + limit
    while True:
        events = tape.events(shown=shown)
        try:
            tracks = measure(rows, events)
        except Untrue as error:
            if time.monotonic() > deadline:
                return Told((str(error),))
            time.sleep(0.01)
        else:
            break
    tape.begin(after=max(event.latest for event in events))
    problems = tuple(judge(tracks, events))
    if problems:
        return Told(problems, corrected(tracks))
    return Told(drawn=dump(strips(tracks)))
