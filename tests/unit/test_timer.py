"""Timer: thousands of waits, one alarm, and nothing left of what was called off."""

from __future__ import annotations

import gc
import logging
import random
import weakref
from contextvars import ContextVar
from typing import TYPE_CHECKING

import anyio
import pytest
from postlude._clock import RealClock
from postlude._timer import Timer

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._clock import Alarm, VirtualClock

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


class CountedAlarms(RealClock):
    """A clock that tells how many alarms were set."""

    def __init__(self) -> None:
        self.alarms: list[Alarm] = []

    def call_at(self, when: float, function: Callable[[], object]) -> Alarm:
        self.alarms.append(super().call_at(when, function))
        return self.alarms[-1]


async def test_calls_come_at_their_moments_in_order(clock: VirtualClock) -> None:
    timer, seen = Timer(clock), list[tuple[str, float]]()
    for name, when in [("c", 3.0), ("a", 1.0), ("b", 2.0), ("b2", 2.0)]:
        timer.call_at(when, lambda name=name: seen.append((name, clock.now())))  # type: ignore[misc]
    await clock.advance(1.5)
    assert seen == [("a", 1.0)]
    await clock.advance(10)
    assert seen == [("a", 1.0), ("b", 2.0), ("b2", 2.0), ("c", 3.0)]


async def test_on_the_real_clock_nothing_comes_too_soon() -> None:
    clock = RealClock()
    timer, late, done = Timer(clock), list[float](), anyio.Event()
    begun = clock.now()
    for number in range(50):
        when = begun + random.uniform(0, 0.05)
        timer.call_at(when, lambda when=when: late.append(clock.now() - when))  # type: ignore[misc]
        timer.call_at(when, lambda: None).cancel()
        assert len(timer) == number + 1
    timer.call_at(begun + 0.05, done.set)
    with anyio.fail_after(10):
        await done.wait()
    assert len(late) == 50
    assert min(late) >= 0
    assert len(timer) == 0


async def test_a_hundred_thousand_waits_share_one_alarm() -> None:
    clock = CountedAlarms()
    timer, begun = Timer(clock), clock.now()
    for number in range(100_000):
        timer.call_at(begun + 1000 + number, lambda: None)
    assert len(clock.alarms) == 1
    timer.stop()
    assert len(timer) == 0


async def test_an_earlier_call_moves_the_alarm(clock: VirtualClock) -> None:
    timer, seen = Timer(clock), list[str]()
    timer.call_at(10.0, lambda: seen.append("late"))
    timer.call_at(1.0, lambda: timer.call_at(2.0, lambda: seen.append("early")))
    await clock.advance(5)
    assert seen == ["early"]


async def test_what_is_called_off_leaves_no_memory(clock: VirtualClock) -> None:
    class Thing:
        def __call__(self) -> None: ...

    timer, seen = Timer(clock), list[str]()
    timer.call_at(1e6, lambda: seen.append("kept"))
    for _ in range(100_000):
        timer.call_at(1e5, Thing()).cancel()
    thing = Thing()
    alive = weakref.ref(thing)
    wait = timer.call_at(1e5, thing)
    del thing
    wait.cancel()
    wait.cancel()
    gc.collect()
    assert alive() is None
    assert len(timer) == 1
    assert timer.entries() < 1000
    await clock.advance(1e6)
    assert seen == ["kept"]
    wait.cancel()
    assert len(timer) == 0


async def test_a_call_that_fails_does_not_hold_up_the_next(
    clock: VirtualClock, records: Records
) -> None:
    timer, seen = Timer(clock), list[str]()
    timer.call_at(1.0, lambda: 1 / 0)
    timer.call_at(1.0, lambda: seen.append("same moment"))
    timer.call_at(2.0, lambda: seen.append("later"))
    await clock.advance(3)
    assert seen == ["same moment", "later"]
    (record,) = records()
    assert record.levelname == "ERROR"
    assert record.exc_info is not None


async def test_an_alarm_knows_nothing_of_who_set_it_first() -> None:
    request: ContextVar[str] = ContextVar("request", default="none")
    seen, done = list[str](), anyio.Event()
    request.set("the first one's")
    timer = Timer(RealClock())
    timer.call_at(0.0, lambda: seen.append(request.get()))
    timer.call_at(0.0, done.set)
    with anyio.fail_after(10):
        await done.wait()
    assert seen == ["none"]
