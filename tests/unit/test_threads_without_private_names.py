"""Threads where anyio no longer has the names of its own that shorten the way to them."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import anyio
import anyio.from_thread
import pytest
from anyio._core import _eventloop as private
from postlude import BackgroundTask, Succeeded, TaskRunner, TimedOut

if TYPE_CHECKING:
    from collections.abc import Callable

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["claim_worker_thread", "threadlocals"], autouse=True)
def _without_a_name(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take one away where the package looks for it, and leave it to anyio itself."""
    gone: Any = type(private)("private")
    for name, value in vars(private).items():
        if name != request.param:
            setattr(gone, name, value)
    monkeypatch.setattr("anyio._core._eventloop", gone)


async def give(value: int) -> int:
    return value


async def test_def_tasks_run_and_reach_the_event_loop() -> None:
    def work(value: int) -> tuple[str, int]:
        return threading.current_thread().name, anyio.from_thread.run(give, value)

    async with TaskRunner() as runner:
        handles = [runner.submit(BackgroundTask(work, n)) for n in range(20)]
        outcomes = [await handle.wait() for handle in handles]
    values = [one.value for one in outcomes if isinstance(one, Succeeded)]
    assert [value for _, value in values] == list(range(20))
    assert not any(name.startswith("postlude") for name, _ in values)


async def test_a_thread_that_is_abandoned_makes_room_for_another() -> None:
    gate = threading.Event()
    try:
        async with TaskRunner(max_threads=1) as runner:
            slow = BackgroundTask(gate.wait).with_options(timeout=0.05)
            assert isinstance(await runner.submit(slow).wait(), TimedOut)
            with anyio.fail_after(10):
                assert isinstance(await runner.submit(BackgroundTask(int)).wait(), Succeeded)
    finally:
        gate.set()
