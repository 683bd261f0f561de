"""Tasks for real workers, and how they stand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import anyio
from postlude import Message, _ids
from postlude.testing._trial import ENDS
from tests.engines.programs import PATIENCE

if TYPE_CHECKING:
    from postlude import TaskState
    from postlude.protocols import Engine

TASKS = """
import asyncio
import os
import signal
import sys
import time

from postlude import task


@task(name="sleepy")
def sleepy(seconds: float) -> str:
    time.sleep(seconds)
    return "slept"


@task(name="sleepy_async")
async def sleepy_async(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "slept"


@task(name="stuck")
async def stuck(seconds: float) -> None:
    time.sleep(seconds)


@task(name="odd")
def odd() -> object:
    return object()


@task(name="echo")
def echo(value: object) -> object:
    return None


@task(name="deadly")
def deadly() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@task(name="pid")
async def pid() -> int:
    return os.getpid()


@task(name="leaves_async")
async def leaves_async() -> None:
    sys.exit(3)
"""


def message(name: str, *args: Any, **options: Any) -> Message:
    """A message for one of these."""
    return Message(name, args, id=_ids.new_id(), name=name, **options)


async def ended(engine: Engine, task_id: str) -> TaskState:
    """How it has ended."""
    end = time.monotonic() + 2 * PATIENCE
    while (state := await engine.status(task_id)).status not in ENDS:
        assert time.monotonic() < end, state
        await anyio.sleep(0.02)
    return state
