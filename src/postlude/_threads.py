"""The threads in which `def` tasks run: the package's own, never those of sync endpoints."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, TypeVar

import anyio
from anyio import to_thread
from anyio.lowlevel import RunVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

MAX_THREADS = 40

_slots: RunVar[anyio.CapacityLimiter] = RunVar("postlude_thread_slots")
_unlimited: RunVar[anyio.CapacityLimiter] = RunVar("postlude_threads")
_abandoned: set[object] = set()
_lock = threading.Lock()


class Escaped(Exception):
    """Carries a `SystemExit` or the like out of the thread that it was to end."""

    def __init__(self, error: BaseException) -> None:
        """Hold the error."""
        super().__init__()
        self.error = error


def abandoned_threads() -> int:
    """How many threads still run a function that nobody waits for any more."""
    return len(_abandoned)


async def run_in_thread(func: Callable[[], T]) -> T:
    """Call `func` in a thread as soon as one of the loop's slots is free.

    When the caller is cancelled the thread is abandoned: it cannot be stopped, so its slot is
    given back and it is counted until it ends.

    Raises:
        Escaped: `func` raised an error that is no `Exception`.
    """
    ticket = object()
    finished = False

    def work() -> tuple[T]:
        nonlocal finished
        try:
            return (func(),)  # trio refuses a thread that returns a bare coroutine
        except Exception:
            raise
        except BaseException as error:
            raise Escaped(error) from error
        finally:
            with _lock:
                finished = True
                _abandoned.discard(ticket)

    async with _limiter(_slots, MAX_THREADS):
        try:
            # Trio keeps a limiter's token until an abandoned thread has ended, so the slots are
            # counted here and the limiter of the call itself has no bound.
            (value,) = await to_thread.run_sync(
                work, abandon_on_cancel=True, limiter=_limiter(_unlimited, math.inf)
            )
        except BaseException:
            with _lock:
                if not finished:
                    _abandoned.add(ticket)
            raise
        return value


def _limiter(variable: RunVar[anyio.CapacityLimiter], size: float) -> anyio.CapacityLimiter:
    try:
        return variable.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(size)
        variable.set(limiter)
        return limiter
