"""A timeline as a figure: an SVG that needs no script, and the same told as text.

All places along the axis are percentages, so that bars grow with the page and letters do not.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from proofread._receipts import Receipt

CLASS = "timeline"
ROW, GAP, BAR, AXIS = 42, 8, 10, 24
"""Pixels: of a row, of what an empty line adds, of a bar, and of the axis."""
TICKS = 5
"""At most so many behind the first: the labels of more would touch on a phone."""
HAIR = 0.001
"""Of the whole: the shortest bar, since one without a width is not drawn."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One row, as it is drawn."""

    label: str
    said: str
    """What the block says of it: `request -> response`."""
    bars: bool
    """Or points, of which each ends as it begins."""
    kind: str
    """`request` or `printed`."""
    after_all: bool
    """Whether all above it has ended when it begins."""
    spans: tuple[tuple[float, float], ...]
    """Milliseconds from the first event on."""


def dump(strips: Sequence[Strip]) -> str:
    """As receipts keep it."""
    return json.dumps([asdict(strip) for strip in strips], ensure_ascii=False)


def load(drawn: str) -> list[Strip]:
    """What `dump` wrote."""
    rows: list[dict[str, Any]] = json.loads(drawn)
    for row in rows:
        row["spans"] = tuple((begin, end) for begin, end in row["spans"])
    return [Strip(**row) for row in rows]


def figure_of(runs: Sequence[Receipt]) -> str:
    """The figure of one place on a page: that of its first run."""
    first = runs[0]
    caption = ""
    if len(runs) > 1:
        tabs = [*dict.fromkeys(first.variant.split(", "))]  # sets of tabs may share their labels
        named = f"tab{'s' * (len(tabs) > 1)} {' and '.join(tabs)}"
        caption = f"Drawn from the run in the {named}; all {len(runs)} have this order."
    return figure(load(first.drawn), name=first.id, caption=caption)


def figure(strips: Sequence[Strip], *, name: str, caption: str = "") -> str:
    """The HTML of it; `name` makes its ids its own."""
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure class="{CLASS}">{svg(strips, name=name)}{below}</figure>'


def svg(strips: Sequence[Strip], *, name: str) -> str:
    """Rows from top to bottom, each a line of text above its bars."""
    scale = Scale(max(end for strip in strips for _, end in strip.spans))
    tops = [*itertools.accumulate([0, *(ROW + GAP * s.after_all for s in strips)])]
    ends = [top + ROW + GAP * s.after_all for top, s in zip(tops, strips, strict=False)]
    height = ends[-1] + AXIS
    rows = [_row(strip, end - ROW, scale) for strip, end in zip(strips, ends, strict=True)]
    said = f'role="img" aria-labelledby="{name}-title {name}-desc"'
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="{height}" {said}>',
            f'<title id="{name}-title">{escape(titled(strips))}</title>',
            f'<desc id="{name}-desc">{escape(described(strips))}</desc>',
            *_axis(scale, ends[-1]),
            *rows,
            "</svg>",
        )
    )


class Scale:
    """From milliseconds to percentages of the width, with round ticks."""

    def __init__(self, end: float) -> None:
        self.end = max(end, 0.1)
        steps = (unit * 10.0**power for power in range(-2, 9) for unit in (1, 2, 5))
        step = next(step for step in steps if step * TICKS >= self.end)
        self.ticks = [step * n for n in range(int(self.end / step) + 1)]

    def at(self, milliseconds: float) -> str:
        return f"{100 * milliseconds / self.end:.2f}%"


def _axis(scale: Scale, bottom: int) -> Iterator[str]:
    unit, factor = ("s", 1000) if scale.end >= 2000 else ("ms", 1)
    for number, tick in enumerate(scale.ticks):
        at = scale.at(tick)
        near_end = tick > 0.94 * scale.end
        anchor = "end" if near_end else "middle" if number else "start"
        text = f"{tick / factor:g}{'' if number else f' {unit}'}"
        yield f'<line class="tick" x1="{at}" x2="{at}" y1="0" y2="{bottom + 4}"/>'
        yield f'<text class="time" x="{at}" y="{bottom + 18}" text-anchor="{anchor}">{text}</text>'


def _row(strip: Strip, top: int, scale: Scale) -> str:
    label, times = escape(strip.label), escape(timed(strip, scale.end))
    parts = [
        f'<text class="label" x="0" y="{top + 15}">{label}</text>',
        f'<text class="time" x="100%" y="{top + 15}" text-anchor="end">{times}</text>',
    ]
    y = top + 23
    for begin, end in strip.spans:
        if strip.bars:
            width = scale.at(max(end - begin, HAIR * scale.end))
            parts.append(f'<rect x="{scale.at(begin)}" y="{y}" width="{width}" height="{BAR}"/>')
        else:
            parts.append(f'<circle cx="{scale.at(begin)}" cy="{y + BAR // 2}" r="{BAR // 2}"/>')
    return f'<g class="{strip.kind}">{"".join(parts)}</g>'


def titled(strips: Sequence[Strip]) -> str:
    """What the figure is about, in a line."""
    return f"What happened when: {', '.join(strip.label for strip in strips)}"


def described(strips: Sequence[Strip]) -> str:
    """The figure for those who do not see it: the rows in their order, with their times."""
    end = max(end for strip in strips for _, end in strip.spans)
    said = [f"{strip.label}: {timed(strip, end)}" for strip in strips]
    return "; ".join(said) + "."


def written(strips: Sequence[Strip]) -> str:
    """The block with the times of its rows, for the Markdown of the page."""
    end = max(end for strip in strips for _, end in strip.spans)
    label = max(len(strip.label) for strip in strips)
    said = max(len(strip.said) for strip in strips)
    lines: list[str] = []
    for strip in strips:
        lines += [""] if strip.after_all else []
        lines.append(f"{strip.label:{label}}   {strip.said:{said}}   {timed(strip, end)}")
    return "\n".join(lines) + "\n"


def timed(strip: Strip, whole: float) -> str:
    """When a row's bars or points were: `4 to 512 ms`, as precise as the figure is long."""
    spans = [span if strip.bars else span[:1] for span in strip.spans]
    times = [[_shown(time, whole) for time in span] for span in spans]
    units = [unit for span in times for _, unit in span]
    alike = len(set(units)) == 1
    said = [" to ".join(t if alike else f"{t} {unit}" for t, unit in span) for span in times]
    return f"{'' if strip.bars else 'at '}{', '.join(said)}{f' {units[0]}' if alike else ''}"


def _shown(milliseconds: float, whole: float) -> tuple[str, str]:
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.2f}", "s"
    return f"{milliseconds:.{1 if whole < 50 else 0}f}", "ms"
