"""Whether what runs now was cancelled, also where nothing shows it any more."""

from __future__ import annotations

import asyncio
import math
from typing import cast

import anyio
import anyio.lowlevel

NOT_ASYNCIO = -1


def cancellations() -> int:
    """How often the asyncio task of now was cancelled without taking it back."""
    try:
        current = asyncio.current_task()
    except RuntimeError:  # another library's event loop
        return NOT_ASYNCIO
    return NOT_ASYNCIO if current is None else current.cancelling()


async def stop_if_cancelled(before: int) -> None:
    """Raise a cancellation that a function has swallowed, so that nothing runs after it.

    A clean-up that fails puts its error in the place of the cancellation, and asyncio does not
    cancel twice.

    Args:
        before: What `cancellations()` said when there was no cancellation to swallow.
    """
    now = cancellations()
    if now == before != NOT_ASYNCIO:
        return
    await anyio.lowlevel.checkpoint_if_cancelled()  # a scope knows its own errors only
    if now > before:
        raise asyncio.CancelledError("the function that was cancelled did not say so")


def is_own(error: BaseException) -> bool:
    """Whether an error that is no `Exception` is a failure of the function that raised it.

    A real cancellation and an exit come from outside, and must go through. But asyncio's
    `CancelledError` where nobody was cancelled is the function's own (it awaited something that
    was), and so is an error of a class that only the function knows.
    """
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        return all(isinstance(each, Exception) or is_own(each) for each in group.exceptions)
    if isinstance(error, asyncio.CancelledError):
        return cancellations() <= 0
    outside = (KeyboardInterrupt, SystemExit, GeneratorExit, anyio.get_cancelled_exc_class())
    return not isinstance(error, outside)


def take_back() -> bool:
    """Take back what has cancelled the asyncio task of now, unless a scope around it has.

    A function can cancel the task of the event loop that it runs in, at once or later, without
    knowing that others run in it after it.

    Returns:
        Whether it was taken back.
    """
    if anyio.current_effective_deadline() == -math.inf:
        return False
    current = asyncio.current_task()
    while current is not None and current.uncancel():
        pass
    return True
