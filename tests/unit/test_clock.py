"""The virtual clock, on which all tests of waiting stand."""

from __future__ import annotations

import anyio
import pytest
from postlude._clock import RealClock, VirtualClock, clock

pytestmark = pytest.mark.anyio


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


async def test_the_real_clock_takes_a_moment_that_has_passed() -> None:
    before = RealClock().now()
    await RealClock().sleep(-1.0)
    assert RealClock().now() >= before
