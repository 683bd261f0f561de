"""A section as a mutant meets it: how long it takes, and what of a package it comes by."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from proofread import _trail
from proofread._model import Result
from proofread._run import run_section
from proofread._sandbox import Starter
from proofread._settings import Limits
from proofread._story import Story
from proofread._workers import Kind

WORD = re.compile(r"(\w+)( ?=(?!=))?")


@dataclass
class Scene:
    """A section of a page, in one of its tabs."""

    section: Story
    seconds: float = 0.0
    """How long it took with nothing changed."""
    steps: frozenset[str] = frozenset()
    """The trail that it left in the package."""

    @property
    def page(self) -> Path:
        return self.section.page.path

    @property
    def place(self) -> tuple[str, int]:
        """The same in all tabs."""
        return self.section.page.name, self.section.blocks[0].section

    @property
    def name(self) -> str:
        return f"{self.section.blocks[0].path}:{self.section.blocks[0].line} {self.section.name}"

    @cached_property
    def words(self) -> frozenset[str]:
        """All that stand in its blocks, and in the files that they find; `name=` is two."""
        blocks = (*self.section.given, *self.section.blocks)
        found = [match for block in blocks for match in WORD.findall(block.text)]
        return frozenset(
            name for word, equals in found for name in (word, f"{word}{equals.strip()}")
        )

    def limits(self, most: Limits) -> Limits:
        """How long to wait for what may never come, since it came in that time."""
        block, log = 5 + 4 * self.seconds, 2 + 2 * self.seconds
        return Limits(block=min(block, most.block), log=min(log, most.log))

    @cached_property
    def key(self) -> str:
        """A hash of what is run."""
        blocks = (*self.section.given, *self.section.blocks)
        told = [(str(block.path), block.section, block.title, block.text) for block in blocks]
        said = json.dumps([self.section.variant, told])
        return hashlib.sha256(said.encode()).hexdigest()

    def run(
        self,
        starter: Starter,
        root: Path,
        limits: Limits,
        *,
        workers: Mapping[str, Kind],
        until_wrong: bool = False,
    ) -> list[Result]:
        return run_section(
            self.section, starter, root, limits, workers=workers, until_wrong=until_wrong
        )

    def read_trail(self, root: Path) -> None:
        """Take up what its programs have noted beneath `root`."""
        file = root / "page" / _trail.FILE
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        self.steps = frozenset(text.splitlines())

    def files(self) -> list[str]:
        """Those of the package that it has come by."""
        return sorted({step.split()[1] for step in self.steps if not step.startswith("made ")})


def chosen(
    scenes: Iterable[Scene], steps: frozenset[str], names: Sequence[str], *, home: Path, most: int
) -> list[Scene]:
    """Those that take one of these steps, in one tab each.

    First the examples of its own file, then at most so many others: what names it, then the short.
    How long they took decides nothing: the same site always has the same ones judge.
    """
    found: dict[tuple[str, int], Scene] = {}
    for scene in scenes:
        if not scene.steps.isdisjoint(steps):
            found.setdefault(scene.place, scene)

    def order(scene: Scene) -> tuple[int, int, int]:
        blocks = scene.section.blocks
        programs = sum(block.language == "console" for block in blocks)
        return -sum(name in scene.words for name in names), programs, len(blocks)

    every = sorted(found.values(), key=order)
    own = [scene for scene in every if scene.section.blocks[0].path == home]
    others = [scene for scene in every if scene not in own]
    return [*own, *others[:most]]
