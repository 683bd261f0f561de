"""Whether what runs now was cancelled, also where nothing shows it any more."""

from __future__ import annotations

import asyncio

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
    """Whether a function raised asyncio's `CancelledError` although nobody cancelled it.

    That is a failure of the function (it awaited something that was cancelled); a real
    cancellation comes from outside and must go through.
    """
    return isinstance(error, asyncio.CancelledError) and cancellations() == 0
