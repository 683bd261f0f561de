"""The rows of the coverage: what published pages show or claim, and the places that show it here.

A place is written `page#anchor | text`: a block in that section has the text. With `table: ` before
the text it is a row of a table that a run has written, with `prose: ` a sentence.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SECTIONS = ("ravyn-page", "velithon-guide", "fastapi-chapter", "velithon-page", "features",
            "behaviours", "numbers", "tables", "uses", "pitfalls", "patterns", "exercises",
            "endpoints", "advice", "contradictions", "structure")  # fmt: skip
KINDS = ("table", "prose")
PLACE = re.compile(r"(?P<page>[\w/-]+)#(?P<anchor>[\w.-]+) \| (?P<text>.+)")


class Malformed(ValueError):
    """A row that says nothing, or what nobody understands."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is shown."""

    page: str
    """Without its ending: `guides/retry-what-can-be-retried`."""
    anchor: str
    text: str
    kind: str
    """`block`, `table` or `prose`."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that a published page shows or claims."""

    id: str
    topic: str
    shown: tuple[Place, ...]
    open: str
    """What nothing shows yet; empty where all is shown."""


def all_rows() -> dict[str, dict[str, Row]]:
    """By section, and in it by id."""
    return {name: read(HERE / "rows" / f"{name}.toml") for name in SECTIONS}


def read(file: Path) -> dict[str, Row]:
    """The rows of a file, in order."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return {name: _row(name, facts) for name, facts in data.items()}


def _row(name: str, facts: dict[str, Any]) -> Row:
    if unknown := facts.keys() - {"topic", "shown", "open"}:
        raise Malformed(f"{name} has {sorted(unknown)}: write topic, shown and open")
    topic, still = facts.get("topic", ""), facts.get("open", "")
    shown = tuple(_place(name, text) for text in facts.get("shown", ()))
    if not topic or any("|" in text or "\n" in text for text in (topic, still)):
        raise Malformed(f"{name} needs a topic, in one line and without |, and so its open")
    if not shown and not still:
        raise Malformed(f"{name} has no place that shows it: write one, or what is still open")
    return Row(name, topic, shown, still)


def _place(name: str, text: str) -> Place:
    match = PLACE.fullmatch(text)
    if match is None:
        raise Malformed(f"{name} is shown at {text!r}: write 'page#anchor | text'")
    kind, colon, rest = match["text"].partition(": ")
    if not colon or kind not in KINDS:
        kind, rest = "block", match["text"]
    return Place(match["page"], match["anchor"], rest, kind)
