"""The virtual clock, on which all tests of waiting stand."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from types import ModuleType

import anyio
import anyio.lowlevel
import pytest
from postlude._clock import RealClock, VirtualClock, clock, on_trio

pytestmark = pytest.mark.anyio


def test_trio_may_be_imported_by_another_thread_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trio", ModuleType("trio"))
    for lowlevel in (ModuleType("trio.lowlevel"), None):
        monkeypatch.setitem(sys.modules, "trio.lowlevel", lowlevel)
        assert not on_trio()


async def test_sleepers_wake_in_order_at_their_moment() -> None:
    woken: list[tuple[str, float]] = []
    with VirtualClock() as virtual:

        async def sleep(name: str, seconds: float) -> None:
            await clock().sleep(seconds)
            woken.append((name, clock().now()))

        async with anyio.create_task_group() as group:
            group.start_soon(sleep, "late", 5.0)
            group.start_soon(sleep, "early", 2.0)
            await virtual.advance(1)
            assert woken == []
            await virtual.advance(10)
        assert woken == [("early", 2.0), ("late", 5.0)]
        assert virtual.now() == 11.0


def test_the_real_clock_is_back_after_the_block() -> None:
    with VirtualClock() as virtual:
        assert clock() is virtual
    assert isinstance(clock(), RealClock)


def test_a_clock_may_be_set_twice() -> None:
    with VirtualClock() as virtual, virtual:
        assert clock() is virtual
    assert isinstance(clock(), RealClock)


async def test_the_real_clock_takes_a_moment_that_has_passed() -> None:
    before = RealClock().now()
    await RealClock().sleep(-1.0)
    assert RealClock().now() >= before


async def test_the_wall_goes_with_the_clock_until_it_is_set() -> None:
    with VirtualClock(start=datetime(2026, 3, 29, 1, tzinfo=UTC)) as virtual:
        await virtual.advance(timedelta(hours=2))
        assert virtual.utcnow() == datetime(2026, 3, 29, 3, tzinfo=UTC)
        virtual.set_wall(datetime(2026, 3, 1, tzinfo=UTC))
        assert virtual.now() == 7200.0
        await virtual.advance(1)
        assert virtual.utcnow() == datetime(2026, 3, 1, second=1, tzinfo=UTC)


def test_a_start_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match=r"2026-03-29T00:00:00 has no time zone: write start="):
        VirtualClock(start=datetime(2026, 3, 29))


def test_the_real_clock_reads_the_wall() -> None:
    assert abs(RealClock().utcnow() - datetime.now(UTC)) < timedelta(seconds=10)


async def test_a_sleeper_that_is_cancelled_leaves_nothing() -> None:
    with VirtualClock() as virtual:
        with anyio.move_on_after(0):
            await clock().sleep(10)
        await virtual.advance(20)
        assert virtual.now() == 20.0


async def test_what_a_callback_starts_is_settled_before_time_goes_on() -> None:
    moments: list[float] = []
    with VirtualClock() as virtual:

        async def several_steps() -> None:
            for _ in range(5):
                await anyio.lowlevel.checkpoint()
            moments.append(virtual.now())

        async with anyio.create_task_group() as group:
            virtual.call_at(1.0, lambda: group.start_soon(several_steps))
            virtual.call_at(2.0, lambda: group.start_soon(several_steps))
            await virtual.advance(3)
    assert moments == [1.0, 2.0]


async def test_a_sleep_of_no_time_lets_others_run() -> None:
    seen: list[str] = []
    with VirtualClock() as virtual:

        async def other() -> None:
            seen.append("other")

        async with anyio.create_task_group() as group:
            group.start_soon(other)
            while not seen:
                await virtual.sleep(0)
    assert virtual.now() == 0.0


@pytest.mark.parametrize("anyio_backend", [("asyncio", {"use_uvloop": use}) for use in (0, 1)])
async def test_time_stands_still_until_who_never_waits_has_ended() -> None:
    moments: list[float] = []
    with VirtualClock() as virtual:

        async def busy() -> None:
            for _ in range(35_000):  # more rounds than it is given to come to rest
                await anyio.lowlevel.checkpoint()
            moments.append(virtual.now())

        async with anyio.create_task_group() as group:
            virtual.call_at(1.0, lambda: group.start_soon(busy))
            await virtual.advance(2)
    assert moments == [1.0]
