"""Now and sleep, for every place that waits."""

from __future__ import annotations

import heapq
import itertools
import time
from typing import TYPE_CHECKING, Protocol

import anyio

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


class Clock(Protocol):
    """What the package asks of time."""

    def now(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let others run for that long."""
        ...

    def sleep_blocking(self, seconds: float) -> None:
        """Hold this thread for that long."""
        ...


class RealClock:
    """The computer's monotonic clock."""

    def now(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let others run for that long."""
        await anyio.sleep(max(0.0, seconds))

    def sleep_blocking(self, seconds: float) -> None:
        """Hold this thread for that long."""
        time.sleep(seconds)


class VirtualClock:
    """A clock that stands still until told: retries and delays are tested without waiting.

    While the `with` block lasts, everything in the process that waits through postlude waits
    on this clock. Time limits of tasks are not waits: they stay on the real clock.
    """

    def __init__(self) -> None:
        """Start at zero seconds."""
        self._now = 0.0
        self._sleepers: list[tuple[float, int, anyio.Event]] = []
        self._order = itertools.count()

    def __enter__(self) -> Self:
        self._before = _current[0]
        _current[0] = self
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _current[0] = self._before

    def now(self) -> float:
        """Seconds since the clock was made."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been advanced by that much."""
        if seconds <= 0:
            await anyio.lowlevel.checkpoint()
            return
        woken = anyio.Event()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), woken))
        await woken.wait()

    def sleep_blocking(self, seconds: float) -> None:
        """Move the clock itself: a blocked thread has nobody to advance it."""
        self._now += seconds

    async def advance(self, seconds: float) -> None:
        """Move time forward, waking each sleeper at its moment and letting it run.

        Args:
            seconds: How far. Returns when every other task waits again.
        """
        end = self._now + seconds
        await anyio.wait_all_tasks_blocked()
        while self._sleepers and self._sleepers[0][0] <= end:
            self._now, _, woken = heapq.heappop(self._sleepers)
            woken.set()
            await anyio.wait_all_tasks_blocked()
        self._now = end


_current: list[Clock] = [RealClock()]


def clock() -> Clock:
    """The clock in force: the real one, unless a test has set another."""
    return _current[0]
