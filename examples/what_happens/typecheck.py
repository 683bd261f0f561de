"""What mypy says of the code that a page shows."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from examples.what_happens.columns import COLUMNS

if TYPE_CHECKING:
    from examples.what_happens.lab import Lab

HERE = Path(__file__).parent
MYPY = ("mypy", "--strict", "--allow-untyped-decorators")
ALONE = ("--config-file=", "--no-incremental", "--cache-dir=/dev/null")
SECTION = re.compile(r"# --8<-- \[start:(\w+)\]\n(.*?)# --8<-- \[end:\1\]\n", re.DOTALL)
SILENCED = re.compile(r"  # (type|pyright): ignore\[.*|^# (mypy|pyright): .*", re.M)


async def errors(lab: Lab, theme: str, section: str) -> list[str]:
    """Those of a section of the column's app, when no comment silences them."""
    lab.versions["mypy"] = version("mypy")
    with tempfile.TemporaryDirectory() as folder:
        file = _copied(f"{theme}/{_stem(lab.column)}.py", section, Path(folder))
        checking = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", *MYPY, *ALONE, str(file)],
            cwd=HERE.parents[1],
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed = (await checking.communicate())[0].decode().splitlines()
    assert checking.returncode in {0, 1}, printed
    return [line.split(": ", 1)[1] for line in printed if ": error: " in line]


def _stem(column: str) -> str:
    return next(each.stem for each in COLUMNS if each.name == column)


def _copied(app: str, section: str, folder: Path) -> Path:
    """A file with the section and with what stands outside of sections."""
    text = (HERE / app).read_text()
    kept = SECTION.sub(lambda found: found[2] if found[1] == section else "", text)
    file = folder / "main.py"
    file.write_text(SILENCED.sub("", kept))
    return file
