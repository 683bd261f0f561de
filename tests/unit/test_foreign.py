"""Attempts in workers that call plain functions: where each kind runs, and how it is ended."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from postlude import Again, Cancelled, Failed, Message, MessageRefused, Succeeded, TimedOut, task
from postlude._foreign import Deadlines, checked_crashes, in_words, plain, read
from postlude._portal import portal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Enough(Exception):
    """What the engine of these tests raises in its thread."""


deadlines = Deadlines(Enough)
seen: list[Any] = []


@pytest.fixture(autouse=True)
def no_event_loop_is_left() -> Iterator[None]:
    seen.clear()
    yield
    portal.close()


@pytest.fixture
def ring() -> Iterator[Callable[[float], None]]:
    """Has the engine lose its patience after so many seconds."""

    def enough(*_: object) -> None:
        raise Enough

    before = signal.signal(signal.SIGALRM, enough)
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds) and None
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@task(name="foreign.sync")
def sync(seconds: float) -> str:
    seen.append(threading.current_thread())
    time.sleep(seconds)
    return "done"


@task(name="foreign.async")
async def async_(seconds: float) -> str:
    seen.append(asyncio.get_running_loop())
    await asyncio.sleep(seconds)
    return "done"


@task(name="foreign.blocks")
async def blocks(seconds: float) -> None:
    time.sleep(seconds)  # noqa: ASYNC251


@task(name="foreign.gives")
def gives(seconds: float) -> Any:
    return async_(seconds)


@task(name="foreign.fails")
def fails(seconds: float) -> None:
    raise ValueError("no")


@task(name="foreign.exits")
def exits(seconds: float) -> None:
    raise SystemExit(3)


@task(name="foreign.exits_async")
async def exits_async(seconds: float) -> None:
    raise SystemExit(3)


def attempt(name: str, seconds: float = 0.0, **options: Any) -> Any:
    message = Message(f"foreign.{name}", (seconds,), id="a", name=name, **options)
    return deadlines.attempt(message, failures=0)


def test_a_def_runs_where_the_engine_calls_and_an_async_def_on_one_event_loop() -> None:
    assert isinstance(attempt("sync"), Succeeded)
    assert seen == [threading.main_thread()]
    seen.clear()
    assert all(isinstance(attempt("async"), Succeeded) for _ in range(3))
    assert attempt("gives").value == "done"
    assert len(seen) == 4
    assert len(set(seen)) == 1


def test_a_forked_process_has_an_event_loop_of_its_own() -> None:
    assert isinstance(attempt("async"), Succeeded)
    child = os.fork()
    if child == 0:
        os._exit(0 if isinstance(attempt("async"), Succeeded) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("name", ["sync", "async", "blocks", "gives"])
def test_an_attempt_ends_when_the_engine_loses_its_patience(
    name: str, ring: Callable[[float], None]
) -> None:
    ring(0.2)
    begun = time.monotonic()
    outcome = attempt(name, 2.5, timeout=0.2)
    assert isinstance(outcome, TimedOut)
    assert time.monotonic() - begun < 2


def test_a_limit_of_which_the_task_knows_nothing_is_a_failure(
    ring: Callable[[float], None],
) -> None:
    ring(0.1)
    outcome = attempt("sync", 5.0)
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, Enough)


def test_a_limit_counts_for_the_retry_policy(ring: Callable[[float], None]) -> None:
    ring(0.1)
    outcome = attempt("sync", 5.0, timeout=0.1, retry={"max_retries": 1, "initial_delay": 7.0})
    assert isinstance(outcome, Again)
    assert isinstance(outcome.error, TimeoutError)
    assert outcome.delay > 6


def test_a_failure_is_the_functions_own() -> None:
    outcome = attempt("fails")
    assert isinstance(outcome, Failed)
    assert in_words(outcome.error) == "ValueError: no"


def test_who_leaves_the_process_is_let_go_from_a_def_and_not_from_the_event_loop() -> None:
    with pytest.raises(SystemExit):
        attempt("exits")
    assert isinstance(attempt("exits_async"), Cancelled)
    assert isinstance(attempt("async"), Succeeded)


def test_an_error_that_cannot_say_itself_is_named() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert in_words(Mute()) == "Mute"


@pytest.mark.parametrize("value", [None, 1, "x", [1, {"a": [None]}], (1, 2)])
def test_what_json_has_is_kept(value: object) -> None:
    assert plain(value, Message("x", id="a", name="x")) == value


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), {(1, 2): 3}])
def test_what_json_lacks_is_none_with_a_warning(
    value: object, records: Callable[[], list[logging.LogRecord]]
) -> None:
    assert plain(value, Message("x", id="a", name="send")) is None
    assert [record.levelno for record in records()] == [logging.WARNING]
    kind = type(value).__name__
    assert f"task 'send' (id a) returned a {kind}, of which" in records()[0].getMessage()


@pytest.mark.parametrize("text", [None, 5, b"{}", ["x"]])
def test_what_is_no_text_is_refused(text: object) -> None:
    with pytest.raises(MessageRefused, match="a message of type '"):
        read(text)


def test_a_number_of_crashes_is_checked() -> None:
    assert checked_crashes(1) == 1
    with pytest.raises(ValueError, match="max_crashes=0 must be 1 or more"):
        checked_crashes(0)
    with pytest.raises(TypeError, match="max_crashes='3' must be a whole number"):
        checked_crashes("3")
