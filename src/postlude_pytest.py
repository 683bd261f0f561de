"""The fixtures of `postlude.testing`, for pytest.

A module of its own at the top, since pytest loads it in every project that has postlude installed:
this way nothing else is imported before a test asks for a fixture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from postlude import BackgroundTask, Outcome
    from postlude.testing import VirtualClock
    from postlude.testing._immediate import Immediate

_IMMEDIATE: pytest.StashKey[Immediate] = pytest.StashKey()


@pytest.fixture
def capture_tasks() -> Generator[list[BackgroundTask]]:
    """Tasks are recorded in this list and not run; see postlude.testing.capture_tasks."""
    from postlude.testing import capture_tasks as capture

    with capture() as tasks:
        yield tasks


@pytest.fixture
def run_immediately(request: pytest.FixtureRequest) -> Generator[list[Outcome]]:
    """Tasks run where they are handed over; the test fails if one of them does."""
    from postlude.testing._immediate import Immediate

    immediate = request.node.stash[_IMMEDIATE] = Immediate()
    with immediate:
        yield immediate.outcomes


@pytest.fixture
def virtual_clock() -> Generator[VirtualClock]:
    """A clock that stands still until `await virtual_clock.advance(seconds)`."""
    from postlude.testing import VirtualClock

    with VirtualClock() as clock:
        yield clock


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Let the error of a task be the test's own, and not one of its clean-up."""
    yield
    immediate = item.stash.get(_IMMEDIATE, None)
    if immediate is not None:
        immediate.raise_errors()
