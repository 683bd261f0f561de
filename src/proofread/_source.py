"""The lines of a page as they were written, and the way back to them from what was rendered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from proofread._marked import Fence
from proofread._model import Problem

INLINE = re.compile(r"""\s*-+8<-+[ \t]+["'](.+)["']\s*""")
BETWEEN = re.compile(r"\s*-+8<-+\s*")
SECTION = re.compile(r"(?<![;-])-+8<-+[ \t]+\[ *(start|end) *:")
OPENING = re.compile(r"[\s>]*(?:(?:[-*+]|\d+[.)])\s+)?((?:`{3,}|~{3,}).*)")


@dataclass(slots=True)
class Source:
    """The lines as written, and the way back to them from what was rendered."""

    path: Path
    lines: list[str]
    first_line: int
    problems: list[Problem] = field(default_factory=list[Problem])
    expanded: list[str] = field(default_factory=list[str])
    origin: list[int] = field(default_factory=list[int])
    taken: set[int] = field(default_factory=set[int])
    """The lines after includes that belong to a block, or have been refused."""

    def refuse(self, number: int, message: str) -> None:
        self.problems.append(Problem(self.path, number + self.first_line, message))

    def includes(self) -> list[tuple[int, str]]:
        """Each include with its line, whether written on one line or between two marks."""
        return [(number, include) for number, include in self._replaced() if include]

    def _replaced(self) -> Iterator[tuple[int, str]]:
        """The lines that are not shown as they are: includes, and the marks around them."""
        between = False
        for number, line in enumerate(self.lines):
            if BETWEEN.fullmatch(line):
                between = not between
                yield number, ""
            elif between:
                if line.strip():
                    yield number, line.strip()
            elif found := INLINE.fullmatch(line):
                yield number, found[1]
            elif SECTION.search(line):
                yield number, ""

    def missing(self, error: str) -> int:
        """The line of the include that an error is about."""
        name = error.partition("'")[2].partition("'")[0]
        lines = self.includes()
        return next((n for n, include in lines if name in include), lines[0][0] if lines else 0)

    def align(
        self, expanded: list[str], included: Sequence[int | None], fences: list[Fence]
    ) -> None:
        """Find where each line after includes came from: itself, or the include above it."""
        self.expanded = expanded
        self.taken = {number for fence in fences for number in range(fence.start, fence.end)}
        replaced = {number for number, _ in self._replaced()}
        own = iter([n for n in range(len(self.lines)) if n not in replaced])
        includes = [number for number, _ in self.includes()]
        last = len(self.lines) - 1
        self.origin = [
            next(own, last)
            if number is None
            else includes[number]
            if number < len(includes)
            else last
            for number in included
        ]

    def place(self, fence: Fence) -> tuple[int, int]:
        """Zero-based lines of the opening and the closing fence."""
        return self.origin[fence.start], self.origin[fence.end - 1]

    def blank(self, fence: Fence) -> int:
        """How many empty lines a block begins with."""
        code = self.expanded[fence.start + 1 : fence.end - 1]
        return next((n for n, line in enumerate(code) if line.strip(" >")), 0)

    def find(self, text: str) -> int:
        """The line on which a text without a fence begins."""
        wanted = text.strip().split("\n", 1)[0].strip()
        lines = [n for n, line in enumerate(self.expanded) if wanted and wanted in line]
        return self.take(next((n for n in lines if n not in self.taken), 0))

    def find_opening(self, wanted: str) -> int | None:
        """The line that looks like this fence, and opened no block."""
        for number, line in enumerate(self.expanded):
            found = OPENING.fullmatch(line.rstrip())
            if found and number not in self.taken and found[1].lstrip("`~").strip() == wanted:
                return self.take(number)
        return None

    def take(self, number: int) -> int:
        self.taken.add(number)
        return self.origin[number] if number < len(self.origin) else 0
