"""A place of its own for each release that is tried, kept from one run to the next."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.releases.suite import PROJECT, ROOT

if TYPE_CHECKING:
    from pathlib import Path


def environment(name: str, wanted: list[str], *, latest: bool) -> Path:
    """Install what is wanted, unless nothing changed; the latest is looked up each time.

    Returns:
        Its interpreter.
    """
    folder = ROOT / ".nox" / f"frameworks-{name}"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    installed = folder / "installed"
    key = "\n".join([sys.version, *wanted, repr(PROJECT["project"])])
    is_there = installed.exists() and installed.read_text() == key
    if is_there and not latest:
        return python
    if not is_there:
        shutil.rmtree(folder, ignore_errors=True)
        _create(folder)
    _install(python, ["--upgrade"] * latest + ["-e", str(ROOT), *wanted])
    installed.write_text(key)
    return python


def version(python: Path, name: str) -> str:
    """The version that is installed there."""
    program = f"from importlib.metadata import version; print(version({name!r}))"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _create(folder: Path) -> None:
    uv = shutil.which("uv")
    maker = (
        [uv, "venv", "-q", f"--python={sys.executable}"] if uv else [sys.executable, "-m", "venv"]
    )
    subprocess.run([*maker, str(folder)], check=True)


def _install(python: Path, what: list[str]) -> None:
    uv = shutil.which("uv")
    installer = (
        [uv, "pip", "install", f"--python={python}"] if uv else [python, "-m", "pip", "install"]
    )
    subprocess.run([*installer, "-q", *what], check=True)
