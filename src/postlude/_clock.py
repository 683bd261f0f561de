"""Now and sleep, for every place that waits."""

from __future__ import annotations

import heapq
import itertools
import math
import sys
import time
from contextvars import Context
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import anyio
import anyio.lowlevel

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self


class Alarm(Protocol):
    """A call that is to come."""

    def cancel(self) -> object:
        """Let it not come."""
        ...


class Clock(Protocol):
    """What the package asks of time."""

    @property
    def trust(self) -> float:
        """For how many seconds the wall clock may be taken to go as `now` does."""
        ...

    def now(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def utcnow(self) -> datetime:
        """The time on the wall, in UTC; people and time servers may set it."""
        ...

    def call_at(self, when: float, function: Callable[[], object]) -> Alarm:
        """Call the function on the event loop of now, at that moment of `now`, or shortly after.

        Exceptions are the function's own business. A module keeps one of these, not thousands.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Let others run for that long."""
        ...

    def sleep_blocking(self, seconds: float) -> None:
        """Hold this thread for that long."""
        ...


class RealClock:
    """The computer's clocks."""

    # So soon is noticed that somebody has set the clock.
    trust = 60.0

    # Without a function of our own around it: each task asks twice.
    now = staticmethod(time.monotonic)

    def utcnow(self) -> datetime:
        """The time on the wall, in UTC."""
        return datetime.now(UTC)

    def call_at(self, when: float, function: Callable[[], object]) -> Alarm:
        """Call the function on the event loop of now, at that moment of `now`."""
        seconds = max(0.0, when - time.monotonic())
        # In an empty context: whoever asks may be in a request, and its variables are not for all.
        if on_trio():
            return _ring_on_trio(seconds, function)
        import asyncio  # here, where it runs already: it takes long, and trio does not need it

        return asyncio.get_running_loop().call_later(seconds, function, context=Context())

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

    def __init__(self, start: datetime | None = None, *, trust: float = math.inf) -> None:
        """Start at zero seconds, and at `start` on the wall, by default at the year 2026's begin.

        Raises:
            ValueError: `start` has no time zone.
        """
        start = datetime(2026, 1, 1, tzinfo=UTC) if start is None else start
        if start.tzinfo is None:
            raise ValueError(
                f"start={start.isoformat()} has no time zone: write start=datetime(..., tzinfo=UTC)"
            )
        self.trust = trust
        self._start = start.astimezone(UTC)
        self._now = 0.0
        self._calls: list[tuple[float, int, _VirtualAlarm]] = []
        self._order = itertools.count()
        self._before: list[Clock] = []

    def __enter__(self) -> Self:
        self._before.append(_current[0])
        _current[0] = self
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _current[0] = self._before.pop()

    def now(self) -> float:
        """Seconds since the clock was made."""
        return self._now

    def utcnow(self) -> datetime:
        """The time on the wall, in UTC: it goes as `now` does, unless it is set."""
        return self._start + timedelta(seconds=self._now)

    def set_wall(self, time: datetime) -> None:
        """Set the time on the wall, as a time server does; `now` goes on as before."""
        self._start = time.astimezone(UTC) - timedelta(seconds=self._now)

    def call_at(self, when: float, function: Callable[[], object]) -> Alarm:
        """Call the function when the clock comes to that moment, at the latest at its next move."""
        alarm = _VirtualAlarm(function)
        heapq.heappush(self._calls, (when, next(self._order), alarm))
        return alarm

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been advanced by that much."""
        if seconds <= 0:
            await anyio.lowlevel.checkpoint()
            return
        woken = anyio.Event()
        alarm = self.call_at(self._now + seconds, woken.set)
        try:
            await woken.wait()
        finally:
            alarm.cancel()

    def sleep_blocking(self, seconds: float) -> None:
        """Move the clock itself: a blocked thread has nobody to advance it."""
        self._now += seconds

    async def advance(self, seconds: float | timedelta) -> None:
        """Move time forward, waking each sleeper at its moment and letting it run.

        Args:
            seconds: How far, in seconds or as a `timedelta`. Returns when every other task waits
                again.
        """
        if isinstance(seconds, timedelta):
            seconds = seconds.total_seconds()
        end = self._now + seconds
        await _settle()
        while self._calls and self._calls[0][0] <= end:
            when, _, alarm = heapq.heappop(self._calls)
            if alarm.function is not None:
                self._now = max(self._now, when)
                alarm.function()
                await _settle()
        self._now = max(self._now, end)


class _VirtualAlarm:
    __slots__ = ("function",)

    def __init__(self, function: Callable[[], object]) -> None:
        self.function: Callable[[], object] | None = function

    def cancel(self) -> None:
        self.function = None


def on_trio() -> bool:
    """Whether trio is what runs here."""
    # It is not all there while another thread imports it.
    token: Any = getattr(sys.modules.get("trio.lowlevel"), "current_trio_token", None)
    if token is None:
        return False
    try:
        token()
    except RuntimeError:  # imported, but not what runs here
        return False
    return True


def _ring_on_trio(seconds: float, function: Callable[[], object]) -> Alarm:
    scope = anyio.CancelScope()

    async def ring() -> None:
        with scope:
            await anyio.sleep(seconds)
            function()

    # Trio has no timers but tasks, and who sets this one is often no task with a group.
    sys.modules["trio"].lowlevel.spawn_system_task(ring, context=Context())
    return scope


async def _settle() -> None:
    """Let all others run until they wait for something."""
    if on_trio():
        await anyio.wait_all_tasks_blocked()
        return
    import asyncio

    rounds, calm = 1, 0
    for _ in range(1000):
        for _ in range(rounds):
            await asyncio.sleep(0)
        # Twice: between two tasks there may be a callback, which no list of tasks shows.
        calm = calm + 1 if _all_wait() else 0
        if calm == 2:
            return
        # The list of tasks is long when many run, and then they need many rounds.
        rounds = 1 if calm else min(rounds * 2, 32)
    await anyio.wait_all_tasks_blocked()


def _all_wait() -> bool:
    import asyncio

    me = asyncio.current_task()
    waiters = (getattr(task, "_fut_waiter", None) for task in asyncio.all_tasks() if task is not me)
    return all(waiter is not None and not waiter.done() for waiter in waiters)


_current: list[Clock] = [RealClock()]


def clock() -> Clock:
    """The clock in force: the real one, unless a test has set another."""
    return _current[0]
