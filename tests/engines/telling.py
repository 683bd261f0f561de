"""What the jobs of `jobs.py` have told."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.engines.programs import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude import TaskState
    from postlude.protocols import Engine

JOBS = Path(__file__).with_name("jobs.py").read_text()
"""What workers run, to be laid beside their program."""


async def until(
    engine: Engine, task_id: str, holds: Callable[[TaskState], bool], patience: float = PATIENCE
) -> TaskState:
    """Its state once something holds of it."""
    deadline = time.monotonic() + patience
    while not holds(state := await engine.status(task_id)):
        assert time.monotonic() < deadline, state
        await asyncio.sleep(0.02)
    return state


def told(tmp_path: Path) -> list[str]:
    file = tmp_path / "told.txt"
    return file.read_text().splitlines() if file.exists() else []


async def heard(tmp_path: Path, line: str, times: int = 1) -> None:
    """Wait until a job has told this."""
    deadline = time.monotonic() + PATIENCE
    while told(tmp_path).count(line) < times:
        assert time.monotonic() < deadline, told(tmp_path)
        await asyncio.sleep(0.02)
