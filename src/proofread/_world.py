"""Everything beside its own page that could change what a block does, as one hash."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

INSTALLED = (".dist-info", ".egg-info")


def world(sources: Sequence[Path]) -> str:
    """One hash of the interpreter, all installed versions, and every file a block may import."""
    seen = hashlib.sha256(sys.version.encode())
    for name in sorted(_installed()):
        seen.update(name.encode())
    path = os.environ.get("PYTHONPATH", "")  # pages are given it too
    own = [Path(entry) for entry in path.split(os.pathsep) if entry]
    for content in contents(_files([*sources, *own])):
        seen.update(content)
    return seen.hexdigest()


def contents(files: Iterable[Path]) -> Iterator[bytes]:
    """What is in them, each behind its name, but for those that are gone by now."""
    for file in files:
        with contextlib.suppress(FileNotFoundError):
            content = file.read_bytes()
            yield f"{file} {len(content)} ".encode() + content


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
