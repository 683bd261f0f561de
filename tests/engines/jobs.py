"""What the workers run in the tests of the engines; copied beside their program, too."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

from postlude import RetryPolicy, task


def tell(line: str) -> None:
    """One line of `told.txt`, whole and on its own, whoever else writes."""
    with Path("told.txt").open("ab", buffering=0) as told:
        told.write(f"{line}\n".encode())


def count(text: str) -> int:
    """How many lines begin so."""
    return sum(line.startswith(text) for line in Path("told.txt").read_text().splitlines())


@task(name="add")
def add(a: int, b: int) -> int:
    """Blocking, with a result."""
    return a + b


@task(name="greet")
async def greet(name: str) -> dict[str, Any]:
    """Asynchronous, with a result."""
    await asyncio.sleep(0)
    return {"hello": name}


@task(name="mark")
def mark(line: str) -> None:
    """Leave a line."""
    tell(line)


@task(name="nap")
async def nap(line: str, seconds: float) -> None:
    """Leave a line before and after a nap."""
    tell(f"{line} begins")
    await asyncio.sleep(seconds)
    tell(f"{line} ends")


@task(name="shift")
async def shift(key: str, seconds: float) -> None:
    """A nap that says whose it is."""
    tell(f"{key} begins {os.getpid()}")
    await asyncio.sleep(seconds)
    tell(f"{key} ends {os.getpid()}")


@task(name="block")
def block(line: str, seconds: float) -> None:
    """The same, in a thread."""
    tell(f"{line} begins")
    time.sleep(seconds)
    tell(f"{line} ends")


@task(name="fail")
def fail(reason: str) -> None:
    """Fail once and for all."""
    raise ValueError(reason)


@task(name="flaky", retry_policy=RetryPolicy(max_retries=3, initial_delay=0.2, jitter=0.0))
def flaky(path: str, times: int) -> int:
    """Fail so often, then return how often it was called."""
    tell(f"{path} {time.time():.3f}")
    called = count(f"{path} ")
    if called <= times:
        raise OSError(f"call {called}")
    return called


@task(name="slow", retry_policy=RetryPolicy(max_retries=1, initial_delay=0.1, jitter=0.0))
async def slow() -> None:
    """Longer than any limit."""
    tell("slow begins")
    await asyncio.sleep(60)


@task(name="hog")
async def hog(line: str, seconds: float) -> int:
    """Hold up the worker's event loop, when first called; return how often it was called."""
    tell(line)
    if (called := count(line)) == 1:
        await asyncio.sleep(0.5)  # so that nothing else of the worker stops in the middle
        time.sleep(seconds)  # noqa: ASYNC251
    return called


@task(name="odd")
def odd() -> object:
    """Return what JSON has no word for."""
    return object()


@task(name="die")
def die(line: str) -> None:
    """Kill the worker."""
    tell(line)
    os.kill(os.getpid(), signal.SIGKILL)
