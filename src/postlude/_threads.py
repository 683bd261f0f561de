"""The threads in which `def` tasks run: the package's own, never those of sync endpoints."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

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
    job = _Job(func)
    slots = _limiter(_slots, MAX_THREADS)
    try:
        slots.acquire_on_behalf_of_nowait(job)
    except anyio.WouldBlock:
        await slots.acquire_on_behalf_of(job)
    try:
        # Trio keeps a limiter's token until an abandoned thread has ended, so the slots are
        # counted here and the limiter of the call itself has no bound.
        (value,) = await to_thread.run_sync(
            job.run, abandon_on_cancel=True, limiter=_limiter(_unlimited, math.inf)
        )
    except BaseException:
        job.abandon()
        raise
    finally:
        slots.release_on_behalf_of(job)
    return value


class _Job(Generic[T]):
    """A function on its way through a thread."""

    def __init__(self, func: Callable[[], T]) -> None:
        self._func = func
        self._state = "waiting"

    def run(self) -> tuple[T]:
        """Call the function, in the thread; in a tuple, since trio refuses a bare coroutine."""
        with _lock:
            if self._state == "abandoned":
                raise Escaped(SystemExit("abandoned before it began"))
            self._state = "running"
        try:
            return (self._func(),)
        except Exception:
            raise
        except BaseException as error:
            raise Escaped(error) from error
        finally:
            with _lock:
                self._state = "done"
                _abandoned.discard(self)

    def abandon(self) -> None:
        """Stop waiting: what has not begun never will, what runs is counted until it ends."""
        with _lock:
            if self._state == "running":
                _abandoned.add(self)
            elif self._state == "waiting":
                self._state = "abandoned"


def _limiter(variable: RunVar[anyio.CapacityLimiter], size: float) -> anyio.CapacityLimiter:
    try:
        return variable.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(size)
        variable.set(limiter)
        return limiter
