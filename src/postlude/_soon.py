"""Shortest ways to wake what sleeps on an event loop: a call from elsewhere, and an alarm."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

import anyio
from postlude._clock import on_trio

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable


def caller_of_this_loop() -> Callable[[Callable[[], object]], object]:
    """A function that has others called on the event loop of now, soon, without waiting."""
    if on_trio():
        token = sys.modules["trio"].lowlevel.current_trio_token()
        return lambda function: token.run_sync_soon(function)
    import asyncio

    return asyncio.get_running_loop().call_soon_threadsafe


class Alarm(Protocol):
    """Something to wait for once; it is set once, on the event loop."""

    def set(self) -> None:
        """Wake who waits."""
        ...

    def wait(self) -> Awaitable[object]:
        """Sleep until it is set."""
        ...


def maker_of_alarms() -> Callable[[], Alarm]:
    """What makes alarms for the event loop of now."""
    if on_trio():
        return anyio.Event
    import asyncio

    loop = asyncio.get_running_loop()
    return lambda: _FutureAlarm(loop.create_future())


class _FutureAlarm:
    # An `anyio.Event` asks which library runs and wraps another event: five times the cost.
    __slots__ = ("_future",)

    def __init__(self, future: asyncio.Future[None]) -> None:
        self._future = future

    def set(self) -> None:
        if not self._future.done():
            self._future.set_result(None)

    def wait(self) -> asyncio.Future[None]:
        return self._future
