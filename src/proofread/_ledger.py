"""What was proven before: an unchanged story with unchanged dependencies need not run again."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from proofread._model import Result
from proofread._roles import role
from proofread._story import Story

INSTALLED = (".dist-info", ".egg-info")


class Ledger:
    """Passed stories by the hash of everything that could change their outcome."""

    def __init__(self, directory: Path, *, sources: Sequence[Path]) -> None:
        self._directory = directory
        self._sources = list(sources)
        self._world = world(sources)
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
                for key in ("duration", "commands", "servers", "expectations")
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


def world(sources: Sequence[Path]) -> str:
    """One hash of the interpreter, all installed versions, and every file a block may import."""
    seen = hashlib.sha256(sys.version.encode())
    for name in sorted(_installed()):
        seen.update(name.encode())
    path = os.environ.get("PYTHONPATH", "")  # pages are given it too
    own = [Path(entry) for entry in path.split(os.pathsep) if entry]
    for file in _files([*sources, *own]):
        seen.update(str(file).encode())
        seen.update(file.read_bytes())
    return seen.hexdigest()


def _installed() -> Iterator[str]:
    """All that is installed: a name that tells the version, `anyio-4.12.0.dist-info`, and when."""
    for folder in filter(os.path.isdir, sys.path):
        for entry in os.scandir(folder):
            if entry.name.endswith(INSTALLED):
                yield f"{entry.name} {entry.stat().st_mtime_ns}"


def _files(sources: Sequence[Path]) -> Iterator[Path]:
    for source in sources:
        if source.is_file():
            yield source
        else:
            yield from sorted(
                p for p in source.rglob("*") if p.is_file() and "__pycache__" not in p.parts
            )
