"""A test of a column's app, which runs it without a server, in a process of its own."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from examples.what_happens.columns import COLUMNS
from examples.what_happens.server import ERROR, TOLD

if TYPE_CHECKING:
    from examples.what_happens.lab import Lab


@dataclass(frozen=True)
class Tested:
    """How a test went."""

    told: list[str]
    """What the test and the app told, in order."""
    log: list[str]
    """What else was printed."""

    @property
    def raised(self) -> str:
        """The name of the error that ended the test, if one did."""
        found = [match[1] for line in self.log if (match := ERROR.fullmatch(line))]
        return found[-1].partition(":")[0].rpartition(".")[2] if found else ""


async def run_test(lab: Lab, theme: str, name: str) -> Tested:
    """Run a test function of the column's app for a theme, and note what was told."""
    stem = next(each.stem for each in COLUMNS if each.name == lab.column)
    lab.versions["httpx"] = version("httpx")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-c"),
        f"from examples.what_happens.{theme}.{stem} import {name}; {name}()",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, log = await asyncio.gather(_lines(process.stdout), _lines(process.stderr))
    tested = Tested([], [line for _, line in log])
    for _, line in out:
        if told := TOLD.fullmatch(line):
            tested.told.append(told[2])
            lab.note(told[2], at=float(told[1]), who="app")
    if await process.wait():
        assert tested.raised, tested.log
        lab.note(f"{tested.raised} ends the test", at=log[0][0], who="app")
    return tested


async def _lines(printed: asyncio.StreamReader | None) -> list[tuple[float, str]]:
    """All of them, each with the time when it came."""
    assert printed is not None
    return [
        (time.monotonic(), raw.decode(errors="replace").rstrip())
        async for raw in printed
    ]
