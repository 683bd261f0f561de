"""What a worker under `check_engine` runs: two functions that ask the check what to do."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import socket
import sys
import time
from typing import Any
from weakref import WeakKeyDictionary

import anyio
from postlude._current import request_id
from postlude._registry import task

FUNCTION = "postlude.probe.function"
COROUTINE = "postlude.probe.coroutine"
# Longer than any check waits.
_FOREVER = 3600.0
_LINE = 65_536
_loops: WeakKeyDictionary[object, int] = WeakKeyDictionary()
_numbers = itertools.count(1)


class ProbeError(Exception):
    """What a probe raises that was told to fail."""


def probe_tasks() -> None:
    """Mark the functions that `check_engine` submits; call it where your worker starts.

    They do what the check tells them: return, raise, sleep, or kill the process they run in. So
    they belong into no worker but one that is checked.

    Example:
        ```python
        from postlude.testing import probe_tasks

        probe_tasks()
        probe_tasks()  # once more does no harm
        ```
    """
    task(name=FUNCTION)(function)
    task(name=COROUTINE)(coroutine)


def function(port: int, key: str, *values: Any, **named: Any) -> Any:
    """Report, and do what the check says."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(_note(key, values, named))
        with line.makefile("rb") as answers:
            order = _order(answers.readline(_LINE))
    if order["do"] == "sleep":
        time.sleep(_FOREVER)
    return _obey(order)


async def coroutine(port: int, key: str, *values: Any, **named: Any) -> Any:
    """The same as an `async def`."""
    async with await anyio.connect_tcp("127.0.0.1", port) as line:
        await line.send(_note(key, values, named))
        answer = b""
        while not answer.endswith(b"\n"):
            answer += await line.receive(_LINE)
    order = _order(answer)
    if order["do"] == "sleep":
        await anyio.sleep(_FOREVER)
    return _obey(order)


def _note(key: str, values: tuple[Any, ...], named: dict[str, Any]) -> bytes:
    note = {
        "key": key,
        "values": list(values),
        "named": named,
        "pid": os.getpid(),
        "loop": _loop(),
        "request_id": request_id.get(),
    }
    return json.dumps(note).encode() + b"\n"


def _loop() -> int | None:
    """The number of the event loop of now, in its process."""
    try:
        loop: object = asyncio.get_running_loop()
    except RuntimeError:
        trio = sys.modules.get("trio")
        if trio is None or not trio.lowlevel.in_trio_run():
            return None
        loop = trio.lowlevel.current_root_task()
    return _loops.setdefault(loop, next(_numbers))


def _order(answer: bytes) -> dict[str, Any]:
    if not answer:
        raise ProbeError("the check is gone")
    order: dict[str, Any] = json.loads(answer)
    return order


def _obey(order: dict[str, Any]) -> Any:
    if order["do"] == "raise":
        raise ProbeError(order["text"])
    if order["do"] == "die":
        os.kill(os.getpid(), signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    return order["value"]
