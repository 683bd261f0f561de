"""What was proven before: an unchanged story with unchanged dependencies need not run again."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from proofread._model import Result
from proofread._roles import role
from proofread._story import Story
from proofread._world import world


class Ledger:
    """Passed stories by the hash of everything that could change their outcome."""

    def __init__(self, directory: Path, *, sources: Sequence[Path], seen: str) -> None:
        """Open it.

        Args:
            directory: Where it is kept.
            sources: All files that a block may import, and folders of them.
            seen: Their `world`, from before anything was imported.
        """
        self._directory = directory
        self._sources = list(sources)
        self._world = seen
        self._passed: dict[Path, list[dict[str, float]]] = {}

    def recall(self, story: Story) -> list[Result] | None:
        """The results of the run that proved this very story, if there was one."""
        file = self._file(story)
        if not file.exists():
            return None
        rows = json.loads(file.read_text(encoding="utf-8"))
        return [
            Result(block, role(block), story.variant, **row)
            for block, row in zip(story.blocks, rows, strict=True)
        ]

    def remember(self, story: Story, results: Sequence[Result]) -> None:
        """Note a story that passed; one that failed is run again."""
        if not all(result.passed for result in results):
            return
        rows = [
            {
                key: getattr(result, key)
                for key in ("drawn", "duration", "commands", "servers", "expectations")
            }
            for result in results
        ]
        self._passed[self._file(story)] = rows

    def keep(self) -> None:
        """Write down what passed, unless something that it stands on changed in the meantime."""
        if world(self._sources) != self._world:
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        for target, rows in self._passed.items():
            handle, name = tempfile.mkstemp(dir=self._directory)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(rows, file)
            Path(name).replace(target)

    def _file(self, story: Story) -> Path:
        told = [
            (str(block.path), block.line, role(block), block.title, block.section, block.text)
            for block in (*story.given, *story.shown, *story.blocks)
        ]
        key = json.dumps([self._world, story.variant, len(story.given), len(story.shown), told])
        return self._directory / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
