"""A limit for what others' clients do, whatever they make of a cancellation."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from postlude._clock import on_trio
from postlude.errors import NotDispatchable

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")
# A loop alone does not keep its tasks alive.
_left: set[asyncio.Task[Any]] = set()


async def bounded(work: Coroutine[Any, Any, T], *, seconds: float, engine: str) -> T:
    """Wait for it, but not longer than that; what takes longer is cancelled and left to itself.

    Raises:
        TimeoutError: It took too long.
        NotDispatchable: The event loop is not asyncio's.
    """
    if on_trio():
        work.close()
        raise NotDispatchable(
            f"the engine {engine!r} works on asyncio, and this is trio: run the application on "
            "asyncio, or take a SQLiteStore"
        )
    task = asyncio.ensure_future(work)
    _left.add(task)
    task.add_done_callback(_forget)
    try:
        await asyncio.wait({task}, timeout=seconds)
    except BaseException:
        task.cancel()
        raise
    if not task.done():
        task.cancel()
        raise TimeoutError
    return task.result()


def _forget(task: asyncio.Task[Any]) -> None:
    _left.discard(task)
    if not task.cancelled():
        task.exception()  # or the loop would complain that nobody asked
