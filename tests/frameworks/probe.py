"""What the tasks of the test applications do: leave lines in a file, and wait for a gate."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
from postlude import PostludeMiddleware, TaskRunner

LOG = Path(os.environ["PROBE_LOG"])
GATE = Path(os.environ["PROBE_GATE"])
_lock = threading.Lock()


def note(line: str) -> None:
    """Add a line that the test can read."""
    with _lock, LOG.open("a") as log:
        log.write(line + "\n")


async def note_async(line: str) -> None:
    """Add a line from the event loop."""
    await anyio.lowlevel.checkpoint()
    note(line)


async def wait_for_gate(line: str) -> None:
    """Go on only when the client has its response: a server that waits for this never answers."""
    while not GATE.exists():  # noqa: ASYNC110, ASYNC240  (what opens it is another process)
        await anyio.sleep(0.01)
    note(line)


async def boom(password: str) -> None:
    """Fail."""
    raise ValueError("out of paper")


def make_runner() -> TaskRunner:
    """A runner as the test wants it."""
    return TaskRunner(drain_timeout=float(os.environ.get("PROBE_DRAIN", "20")))


def supervising(app: Any) -> PostludeMiddleware:
    """The application under the middleware, as the test wants its runner."""
    return PostludeMiddleware(app, make_runner())
