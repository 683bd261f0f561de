"""What a `timeline` block says: rows of events, in the order in which they begin.

    POST /orders   request -> response

    send_receipt   "sending the receipt" -> "sent the receipt"

A row is a label and an event, or two with an arrow between them. `request` and `response` are those
of the section's `http` blocks that the label names; a text in quotes is a line that was printed,
with `...` for any text. What happened several times is several bars, or points, of its row. An
empty line says that all above it has ended when anything below it begins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from proofread._expect import ANY

EVENT = r'request|response|".+?"'
ROW = re.compile(rf"(?P<label>\S.*?)\s+(?P<first>{EVENT})(?:\s+->\s+(?P<last>{EVENT}))?\s*")


class Malformed(ValueError):
    """A block with a row that says nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the block."""

    line: int
    """Within the block, from 1."""
    label: str
    first: str
    last: str | None
    after_all: bool = False
    """Whether an empty line stands above it."""

    @property
    def said(self) -> str:
        return f"{self.first} -> {self.last}" if self.last else self.first


def parse(text: str) -> list[Row]:
    """Read the rows of a block."""
    rows: list[Row] = []
    gap = False
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            gap = bool(rows)
            continue
        found = ROW.fullmatch(line.strip())
        if found is None:
            raise Malformed(
                f'{line.strip()!r} is no row: write `label "a line" -> "another"`, or'
                " `POST /path request -> response`."
            )
        label, first, last = found.group("label", "first", "last")
        row = Row(number, label, first, last, after_all=gap)
        _check(row)
        rows.append(row)
        gap = False
    return rows


def _check(row: Row) -> None:
    for event in filter(None, (row.first, row.last)):
        if event.startswith('"'):
            if not event.strip('"').replace(ANY, "").strip():
                raise Malformed(f"{event} is any line at all: write what it says.")
        elif not re.fullmatch(r"[A-Z]+ /\S*", row.label):
            raise Malformed(
                f"`{event}` of {row.label!r}: label the row with the request, `POST /path`."
            )
