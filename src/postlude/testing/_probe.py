"""What the application under `check_attachment` does: tasks and chunks that report to the check."""

from __future__ import annotations

import functools
import logging
import socket
from typing import TYPE_CHECKING

import anyio
from postlude._task import BackgroundTask
from postlude._tasks import BackgroundTasks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

FIRST = b"first\n"
# How long the stream is that is to be hung up on, in seconds.
ENDLESS = 1.0
PIECES = 5
LAST = b"last\n"
# For each plan the names of its tasks, in order; those in `_FUNCTIONS` are a `def`.
PLANS = {
    "single": ("task",),
    "function": ("function",),
    "group": ("first", "function", "third"),
    "failing": ("first", "failing", "third"),
    "endless": ("task",),
}
_FUNCTIONS = {"function"}
_LOCAL = "127.0.0.1"
_sending: set[str] = set()


def probe_background(key: str) -> BackgroundTask | BackgroundTasks:
    """What the application that `check_attachment` asks runs after its response.

    Args:
        key: What stands for `{key}` in the path of the request, as it came.

    Returns:
        A task or a group of tasks, which tell the check when they begin and end, and wait until it
        lets them go on.

    Raises:
        ValueError: `key` is none of the check's.

    Example:
        ```python
        from postlude.testing import probe_background

        try:
            probe_background("{key}")
        except ValueError as error:
            print(error)
        ```

        ```text title="Output"
        '{key}' is no key of check_attachment: pass on the last part of the path, as it came
        ```
    """
    plan, port = _parts(key)
    tasks = [_task(port, key, name) for name in PLANS[plan]]
    return tasks[0] if len(tasks) == 1 else BackgroundTasks(tasks)


async def probe_chunks(key: str) -> AsyncGenerator[bytes]:
    """The body that the application streams when `check_attachment` asks for `/stream/{key}`.

    Args:
        key: What stands for `{key}` in the path of the request, as it came.

    Yields:
        Some chunks, all of which are sent as they come.

    Raises:
        ValueError: `key` is none of the check's.

    Example:
        ```python
        import asyncio

        from postlude.testing import probe_chunks


        async def main() -> None:
            try:
                async for chunk in probe_chunks("{key}"):
                    print(chunk)
            except ValueError as error:
                print(error)


        asyncio.run(main())
        ```

        ```text title="Output"
        '{key}' is no key of check_attachment: pass on the last part of the path, as it came
        ```
    """
    plan, port = _parts(key)
    _sending.add(key)
    try:
        yield FIRST
        if plan == "endless":  # not quite: a server that never notices must not send for ever
            for _ in range(100):
                yield b"x" * 65_536
                await anyio.sleep(ENDLESS / 100)
        for _ in range(PIECES):
            # There and back: time enough for a task that was let go too early to begin.
            await _report(port, key, "chunk")
            yield b"piece\n"
        yield LAST
    finally:
        _sending.discard(key)


def _parts(key: str) -> tuple[str, int]:
    """The plan and the port of the check."""
    match key.split("."):
        case [plan, port, number] if plan in PLANS and port.isdecimal() and number.isdecimal():
            return plan, int(port)
        case _:
            raise ValueError(
                f"{key!r} is no key of check_attachment: pass on the last part of the path, "
                "as it came"
            )


def _task(port: int, key: str, name: str) -> BackgroundTask:
    if name == "failing":
        return BackgroundTask(_fail, port, key).with_options(name=name)
    function = _report_in_thread if name in _FUNCTIONS else _report
    return BackgroundTask(functools.partial(function, port, key, name)).with_options(name=name)


async def _fail(port: int, key: str) -> None:
    await _report(port, key, "failing")
    logger = logging.getLogger("postlude")
    if not any(isinstance(handler, _Informer) for handler in logger.handlers):
        logger.addHandler(_Informer())
    raise ExpectedFailure(key)


class ExpectedFailure(Exception):
    """Raised by the task whose failure the check looks for; its argument is the key."""


class _Informer(logging.Handler):
    """Tells the check of each failure that is logged, with its traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, ExpectedFailure) and record.levelno >= logging.ERROR:
            key = str(error)
            with socket.create_connection((_LOCAL, _parts(key)[1])) as line:
                line.sendall(_line("log", key, "failing"))


def _line(kind: str, key: str, name: str) -> bytes:
    when = "early" if key in _sending else "late"
    return f"{kind} {key} {name} {when}\n".encode()


# Begins, waits to be let go, ends, and waits until that is noted: so notes are never out of order.


async def _report(port: int, key: str, name: str) -> None:
    begin = _line("begin", key, name)
    async with await anyio.connect_tcp(_LOCAL, port) as line:
        await line.send(begin)
        await line.receive(1)
        await line.send(b"end\n")
        await line.receive(1)


def _report_in_thread(port: int, key: str, name: str) -> None:
    begin = _line("begin", key, name)
    with socket.create_connection((_LOCAL, port)) as line:
        line.sendall(begin)
        line.recv(1)
        line.sendall(b"end\n")
        line.recv(1)
