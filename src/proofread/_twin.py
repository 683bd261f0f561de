"""A twin of a package, in which one definition may be another."""

from __future__ import annotations

import compileall
import os
import py_compile
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from proofread import _trail
from proofread._sandbox import Job, Process, Starter
from proofread._slip import Definition, spliced

# A program that is spawned, not forked, begins its trail itself.
SITE = """\
import os

from proofread import _trail

_trail.begin(os.path.dirname(os.environ["TMPDIR"]))
"""


class Twin:
    """A copy of a package that comes before the package itself, and the jobs that see it."""

    def __init__(self, sandbox: Starter, root: Path, package: Path) -> None:
        """Copy it; `root` is not there yet."""
        self.folder = root / package.name
        self.source = package
        self._sandbox = sandbox
        self._root = root
        self._env: Mapping[str, str] = {"PYTHONPATH": str(root)}
        self._lay_out()

    def _lay_out(self) -> None:
        # Linked, with what has been compiled: a copy for each change would write a megabyte.
        shutil.copytree(self.source, self.folder, copy_function=os.link)

    @classmethod
    def compiled(cls, sandbox: Starter, root: Path, package: Path) -> Twin:
        """The first, from which the others take what they need not compile again."""
        shutil.copytree(package, root / "original" / package.name)
        compileall.compile_dir(root / "original", quiet=2, workers=1)
        return cls(sandbox, root / "unchanged", root / "original" / package.name)

    def leave_a_trail(self) -> None:
        """Have each job note what it calls."""
        self._env = {**self._env, _trail.ASKED: str(self.folder)}
        (self._root / "sitecustomize.py").write_text(SITE, encoding="utf-8")

    def change(self, file: Path, before: Definition, after: Definition) -> None:
        """Put one definition in another's place; `file` is relative to the package."""
        target = self.folder / file
        source = target.read_text(encoding="utf-8")
        target.unlink()
        target.write_text(spliced(source, before, after), encoding="utf-8")
        compiled = self.folder / file.parent / "__pycache__"
        for old in compiled.glob(f"{file.stem}.*"):
            old.unlink()
        py_compile.compile(str(target), doraise=True)

    def start(self, job: Job) -> Process:
        """Start a job that finds the twin where the package would be."""
        return self._sandbox.start(replace(job, env={**job.env, **self._env}))

    def remove(self) -> None:
        shutil.rmtree(self._root, ignore_errors=True)
