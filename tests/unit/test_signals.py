"""Signals noticed while they matter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import anyio
import pytest
from postlude import BackgroundTask, Succeeded, TaskRunner, _signals
from postlude._signals import PATIENCE, WATCHED, Vigil, has_main_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from postlude._clock import VirtualClock

PROGRAM = """
import asyncio, os, signal
from postlude import BackgroundTask, TaskRunner


async def work():
    print("works", flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(60)


async def main():
    async with TaskRunner() as runner:
        runner.submit(BackgroundTask(work))


asyncio.run(main())
print("never printed")
"""

# A worker whose server leaves SIGTERM as it is, and does not stop it by other means.
WORKER = """
import asyncio, multiprocessing, os, signal
from postlude import BackgroundTask, TaskRunner, _signals


async def work():
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0.2)
    print("worked", flush=True)


async def main():
    async with TaskRunner() as runner:
        runner.submit(BackgroundTask(work))
        await asyncio.sleep(60)


def serve():
    import postlude._runner
    postlude._runner.PATIENCE = 0.1
    asyncio.run(main())
    print("never printed")


if __name__ == "__main__":
    worker = multiprocessing.get_context("fork").Process(target=serve)
    worker.start()
    worker.join()
    print(worker.exitcode)
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program]
    # Who measures coverage handles SIGTERM, and here nobody must.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=env)


def test_a_signal_that_nobody_else_handles_ends_the_drain_and_then_the_process() -> None:
    done = run(PROGRAM)
    assert done.returncode == -signal.SIGTERM
    assert done.stdout == "works\n"
    assert done.stderr.count("was lost on attempt 1") == 1
    assert "SIGTERM ended the drain" in done.stderr
    assert "0 tasks finished, 1 did not" in done.stderr


def test_a_worker_that_only_a_signal_stops_finishes_its_tasks_and_ends_by_it() -> None:
    done = run(WORKER)
    assert (done.stdout, done.stderr) == (f"worked\n{-signal.SIGTERM}\n", "")


def test_handlers_are_what_they_were_before() -> None:
    before = [signal.getsignal(number) for number in WATCHED]
    with Vigil().reacting(print):
        assert signal.getsignal(signal.SIGTERM) is not before[0]
    assert [signal.getsignal(number) for number in WATCHED] == before
    vigil = Vigil(is_worker=True)
    vigil.begin(lambda: None)
    assert signal.getsignal(signal.SIGTERM) is not before[0]
    vigil.end()
    assert [signal.getsignal(number) for number in WATCHED] == before


def test_a_handler_that_came_later_is_kept(handled: list[int]) -> None:
    vigil = Vigil(is_worker=True)
    vigil.begin(lambda: None)
    later = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    vigil.end()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    signal.signal(signal.SIGTERM, later)
    signal.raise_signal(signal.SIGTERM)
    assert handled == [signal.SIGTERM]


def test_off_the_main_thread_nothing_is_touched(handled: list[int]) -> None:
    seen: list[object] = []

    def drain() -> None:
        with Vigil().reacting(seen.append):
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=drain)
    thread.start()
    thread.join()
    assert (seen, handled) == ([], [signal.SIGTERM])


def test_this_process_is_no_worker() -> None:
    assert not has_main_process()


class Moments:
    """The time, as the test sets it."""

    now = 100.0


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> Moments:
    moments = Moments()
    monkeypatch.setattr(_signals, "monotonic", lambda: moments.now)
    return moments


@pytest.fixture
def handled() -> Iterator[list[int]]:
    """The signals that came through to whoever handled them before."""
    seen: list[int] = []
    kept = {each: signal.signal(each, lambda number, _: seen.append(number)) for each in WATCHED}
    yield seen
    for each, before in kept.items():
        signal.signal(each, before)


def _ignore(number: int, frame: object) -> None: ...


TERM, INT = signal.SIGTERM, signal.SIGINT


@pytest.mark.parametrize(
    ("is_worker", "before", "during", "reactions"),
    [
        pytest.param(False, [], [(0.0, TERM)], ["SIGTERM"], id="alone-every-one-is-a-second"),
        pytest.param(True, [TERM], [(0.1, TERM)], [], id="systemd-and-the-main-process"),
        pytest.param(True, [INT], [(0.6, TERM)], [], id="terminal-and-the-main-process"),
        pytest.param(True, [INT], [(1.0, TERM), (2.5, INT)], ["SIGINT"], id="terminal-twice"),
        pytest.param(True, [TERM], [(2.5, TERM)], ["SIGTERM"], id="told-itself-a-second-time"),
        pytest.param(True, [], [(9.0, TERM), (9.1, TERM)], [], id="hypercorns-first-has-ended"),
        pytest.param(True, [], [(9.0, TERM), (9.1, INT)], ["SIGINT"], id="and-then-a-terminal"),
        pytest.param(True, [], [(2.5, INT)], ["SIGINT"], id="told-itself-by-hand"),
        pytest.param(True, [], [(1.5, INT)], [], id="the-terminal-alone"),
    ],
)
def test_what_counts_as_a_second_signal(
    moments: Moments,
    handled: list[int],
    is_worker: bool,
    before: list[int],
    during: list[tuple[float, int]],
    reactions: list[str],
) -> None:
    seen: list[str] = []
    vigil = Vigil(is_worker=is_worker)
    vigil.begin(lambda: None)
    for number in before:
        signal.raise_signal(number)
    begun = moments.now
    with vigil.reacting(seen.append):
        for seconds, number in during:
            moments.now = begun + seconds
            signal.raise_signal(number)
    vigil.end()
    assert seen == reactions
    assert handled == [*before, *(number for _, number in during)]


def test_a_signal_that_the_process_ignores_ends_a_drain_and_nothing_else() -> None:
    kept = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    seen: list[str] = []
    with Vigil(is_worker=False).reacting(seen.append):
        signal.raise_signal(signal.SIGTERM)
    after = signal.signal(signal.SIGTERM, kept)
    assert (seen, after) == (["SIGTERM"], signal.SIG_IGN)


def test_what_gunicorn_sends_when_time_is_over_is_no_copy() -> None:
    kept = signal.signal(signal.SIGQUIT, _ignore)
    seen: list[str] = []
    vigil = Vigil(is_worker=True)
    vigil.begin(lambda: None)
    with vigil.reacting(seen.append):
        signal.raise_signal(signal.SIGQUIT)
    vigil.end()
    signal.signal(signal.SIGQUIT, kept)
    assert seen == ["SIGQUIT"]


@pytest.fixture
def raised(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The signals with which the process would have ended, in a worker without handlers."""
    seen: list[int] = []
    monkeypatch.setattr(_signals, "has_main_process", lambda: True)
    monkeypatch.setattr(signal, "raise_signal", seen.append)
    kept = [(each, signal.signal(each, signal.SIG_DFL)) for each in WATCHED]
    yield seen
    for each, before in kept:
        signal.signal(each, before)


def test_a_signal_that_nobody_handles_is_given_back_when_the_drain_has_ended(
    raised: list[int],
) -> None:
    seen: list[str] = []
    with Vigil(is_worker=False).reacting(seen.append):
        os.kill(os.getpid(), signal.SIGTERM)
        assert (seen, raised) == (["SIGTERM"], [])
    assert raised == [signal.SIGTERM]


@pytest.mark.anyio
async def test_a_worker_that_is_not_stopped_otherwise_drains_and_then_ends_by_its_signal(
    raised: list[int], clock: VirtualClock
) -> None:
    async with TaskRunner() as runner:
        handle = runner.submit(BackgroundTask(clock.sleep, 7))
        await clock.advance(1)
        os.kill(os.getpid(), signal.SIGTERM)
        await clock.advance(PATIENCE - 0.1)
        assert runner.pool.is_open  # its server may yet begin to stop it
        await clock.advance(0.1)
        assert not runner.pool.is_open
        assert raised == []
        await clock.advance(1)
        assert isinstance(handle.outcome, Succeeded)
        assert raised == [signal.SIGTERM]
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.anyio
async def test_a_worker_that_its_server_stops_is_left_to_that(
    raised: list[int], clock: VirtualClock
) -> None:
    async with anyio.create_task_group() as group, TaskRunner() as runner:
        runner.submit(BackgroundTask(clock.sleep, 20))
        os.kill(os.getpid(), signal.SIGTERM)
        await clock.advance(1)
        group.start_soon(runner.drain)
        await clock.advance(25)
    assert raised == []
