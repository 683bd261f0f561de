"""What a section's run was seen to do, and when: the requests it sent, and the lines it printed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from proofread._expect import tidy
from proofread._stamps import read_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

REQUEST, RESPONSE, PRINTED = "request", "response", "printed"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, at a moment that is known within bounds."""

    kind: str
    text: str
    """The line that was printed, or the request: `POST /orders?card=busy`."""
    source: str
    """Of one source, the order is known."""
    place: int
    """In that order."""
    earliest: float
    at: float
    latest: float
    """A client sees the end of a response no sooner than it has come, and perhaps later."""

    def surely_before(self, other: Event) -> bool:
        """Whether it cannot have been the other way round."""
        if self.source == other.source:
            return self.place < other.place
        return self.latest < other.earliest


@dataclass(slots=True)
class Tape:
    """Runs from the start of a section; a server that comes up, or a timeline, begins it anew."""

    _since: float = field(default_factory=time.monotonic)
    _outputs: list[Path] = field(default_factory=list["Path"])
    _exchanges: list[Event] = field(default_factory=list[Event])

    def begin(self, *, after: float | None = None) -> None:
        """Let go of all that was, until now or until a moment."""
        self._since = time.monotonic() if after is None else after

    def printing(self, notes: Path) -> None:
        """Take up what a program notes of its output."""
        self._outputs.append(notes)

    def exchanged(self, request: str, sent: float, came: tuple[float, float, float]) -> None:
        """A request of an `http` block and its response: earliest, presumably, and latest."""
        place = len(self._exchanges)
        self._exchanges += [
            Event(REQUEST, request, "client", place, sent, sent, sent),
            Event(RESPONSE, request, "client", place + 1, *came),
        ]

    def events(self, *, shown: Callable[[str], str]) -> list[Event]:
        """All of them, by time; `shown` gives a line the port that the page shows."""
        found = (*self._exchanges, *self._printed(shown))
        return sorted((e for e in found if e.earliest > self._since), key=lambda e: e.at)

    def _printed(self, shown: Callable[[str], str]) -> Iterator[Event]:
        for notes in self._outputs:
            for place, line in enumerate(read_lines(notes)):
                text = tidy(shown(line.text))
                yield Event(PRINTED, text, notes.name, place, line.at, line.at, line.at)
