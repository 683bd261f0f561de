"""The nouns everything else speaks of: a block, a page, and what became of a block."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

TabPath = tuple[tuple[tuple[str, ...], str], ...]
"""From the outermost tab set inwards: all labels of the set, and the one this block is under."""


@dataclass(frozen=True, slots=True)
class Block:
    """One code block as a reader sees it, and where a writer finds it."""

    path: Path
    """The file it was written in: a page, or the Python file of a docstring."""
    line: int
    """1-based line of its opening fence."""
    end_line: int
    """1-based line of its closing fence."""
    language: str
    """The language of the source info string, which the HTML may have lost."""
    title: str | None
    text: str
    """The rendered text, byte for byte."""
    tabs: TabPath = ()
    section: int = 0
    """Number of headings above it: a server lives until this changes."""
    included: bool = False
    """Whether its text came through a snippet, so that the page cannot be rewritten."""
    blank: int = 0
    """Empty lines above its text, which the site does not show."""
    experiment: str | None = None
    """The experiment that its page is about: its Python is a part of what ran there."""

    def at(self, row: int) -> int:
        """The line of the file on which a line of the text stands, both 1-based."""
        return self.line + self.blank + row

    @property
    def sha256(self) -> str:
        return sha256(self.text)


@dataclass(frozen=True, slots=True)
class Page:
    """One page with its blocks in reading order."""

    path: Path
    name: str
    """Relative to the docs directory, with forward slashes: `guides/retry.md`."""
    blocks: tuple[Block, ...]
    problems: tuple[Problem, ...] = ()
    text: str = ""
    """What was read, without its front matter."""
    experiment: str | None = None
    """The experiment that it is about, by its front matter."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps a page from being published, said so that a writer can mend it."""

    path: Path
    line: int
    message: str


@dataclass(slots=True)
class Result:
    """What became of one block in one run."""

    block: Block
    role: str
    variant: str = ""
    """The tabs this run chose, `FastAPI` or `FastAPI, pip`; empty on a page without tabs."""
    problems: list[str] = field(default_factory=list[str])
    actual: str | None = None
    """What the block should say instead, where that is known; `--accept` writes it."""
    drawn: str = ""
    """What a `timeline` block came to: the rows of its figure, as measured."""
    duration: float = 0.0
    """Seconds."""
    commands: int = 0
    servers: int = 0
    expectations: int = 0
    versions: dict[str, str] = field(default_factory=dict[str, str])
    """Those of packages that decided it, where its own text does not name them."""

    @property
    def passed(self) -> bool:
        return not self.problems


def sha256(text: str) -> str:
    """The hash that names a block in receipts and in the gate."""
    return hashlib.sha256(text.encode()).hexdigest()
