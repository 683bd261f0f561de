"""Whether each place of each row is there, and a run vouches for it."""

from __future__ import annotations

import json
from collections import defaultdict
from hashlib import sha256
from typing import TYPE_CHECKING

from tests.published.rows import HERE
from tests.published.site import Absent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.published.rows import Place, Row
    from tests.published.site import BuiltSite, Section

ROOT = HERE.parents[1]
WRITTEN = ("examples/what_happens/record/matrix.md", "tests/benchmarks/measured.md",
           "tests/conformance/promised-*.md", "tests/releases/tested.md")  # fmt: skip
"""The files of tables that runs have written."""

Proven = dict[str, set[str]]
"""By page, the sums of its blocks that ran and came to what they show, in each tab."""


def read_receipts(file: Path) -> Proven:
    """Which blocks a run vouches for."""
    entries = json.loads(file.read_text(encoding="utf-8"))["entries"]
    sums: Proven = defaultdict(set)
    failed: Proven = defaultdict(set)
    for entry in entries:
        chosen = sums if entry["status"] == "passed" else failed
        chosen[entry["page"].removesuffix(".md")].add(entry["sha256"])
    return {page: found - failed[page] for page, found in sums.items()}


def objections(
    rows: Iterable[Row], site: BuiltSite, receipts: Proven | None = None
) -> Iterator[str]:
    """What is wrong with the places of these rows; without receipts none need be proven."""
    for row in rows:
        for place in row.shown:
            try:
                section = site.section(place.page, place.anchor)
            except Absent as absent:
                yield f"{row.id}: {place.page} {absent}"
                continue
            if said := _objection(place, section, receipts):
                yield f"{row.id}: {place.page}#{place.anchor} {said}"


def _objection(place: Place, section: Section, receipts: Proven | None) -> str:
    if place.kind == "table":
        written = any(place.text in text for text in _written())
        return "" if written and _has(place, section.rows) else _lacks(place, "row of a run")
    if place.kind == "prose":
        return "" if _has(place, section.prose) else _lacks(place, "sentence")
    blocks = [block for block in section.blocks if place.text in block]
    if not blocks:
        return _lacks(place, "block")
    if receipts is None:
        return ""
    proven = receipts.get(place.page, set())
    if any(sha256(block.encode()).hexdigest() in proven for block in blocks):
        return ""
    return f"has a block with {place.text!r}, and no run that vouches for it"


def _has(place: Place, texts: Iterable[str]) -> bool:
    return any(place.text in text for text in texts)


def _lacks(place: Place, what: str) -> str:
    return f"has no {what} with {place.text!r}"


def _written() -> Iterator[str]:
    for pattern in WRITTEN:
        for file in sorted(ROOT.glob(pattern)):
            yield file.read_text(encoding="utf-8")
