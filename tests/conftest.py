"""What every test of the package needs: event loops, a virtual clock, a check for leaks."""

from __future__ import annotations

import gc
import logging
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from postlude._clock import VirtualClock
from postlude._work import abandoned_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytest.register_assert_rewrite("tests.frameworks.contract", "tests.frameworks.supervision")
# A slow machine is no reason to fail.
hypothesis.settings.register_profile("postlude", deadline=None)
hypothesis.settings.load_profile("postlude")
sys.path.insert(0, str(Path(__file__).parents[1]))
# What a script runs in its background ignores Ctrl-C, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(
    params=[("asyncio", False), ("asyncio", True), ("trio", None)],
    ids=["asyncio", "uvloop", "trio"],
)
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """Each asynchronous test runs on all three event loops."""
    name, uvloop = request.param
    return name, {} if uvloop is None else {"use_uvloop": uvloop}


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    """Time stands still, and moves when the test says so."""
    with VirtualClock() as clock:
        yield clock


@pytest.fixture
def records(caplog: pytest.LogCaptureFixture) -> Callable[[], list[logging.LogRecord]]:
    """The records of the package's logger so far."""
    gc.collect()  # a task that another test has left in a cycle says so when it goes
    caplog.set_level(logging.DEBUG)
    return lambda: [record for record in caplog.records if record.name == "postlude"]


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """Fails a test that leaves a thread behind."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5

    def left() -> list[threading.Thread]:
        new = set(threading.enumerate()) - before
        # Trio keeps its idle threads for ten seconds, for the next event loop.
        return [thread for thread in new if not thread.name.startswith("Trio thread")]

    while (abandoned_threads() or left()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not abandoned_threads()
    assert not left()
