"""The threads of `def` tasks."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
import pytest
from postlude import BackgroundTask, BackgroundTasks, Succeeded, _worker
from postlude._soon import caller_of_this_loop
from postlude._threads import MAX_THREADS, Threads, threads_of_this_loop
from postlude._work import Escaped, State, Work

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio


async def run_in_thread(func: Callable[[Work], Any]) -> Any:
    return await threads_of_this_loop().do(Work(func))


async def test_all_threads_can_be_busy_at_once_and_one_more_waits() -> None:
    everyone = threading.Barrier(MAX_THREADS)
    tasks = BackgroundTasks(max_concurrent=None)
    for _ in range(2 * MAX_THREADS):
        tasks.add_task(everyone.wait, 10)
    outcomes = await tasks.run_all()
    assert {type(outcome).__name__ for outcome in outcomes} == {"Succeeded"}


async def test_what_is_cancelled_while_it_waits_for_a_thread_is_never_called() -> None:
    release = threading.Event()
    called: list[str] = []

    def wait(work: Work) -> None:
        release.wait(10)

    async with anyio.create_task_group() as group:
        for _ in range(MAX_THREADS):
            group.start_soon(run_in_thread, wait)
        await anyio.wait_all_tasks_blocked()
        with anyio.move_on_after(0.02) as scope:
            await BackgroundTask(called.append, "late")()
        assert scope.cancelled_caught
        release.set()
    assert called == []


async def test_an_error_comes_as_it_is_and_an_exit_is_wrapped() -> None:
    error = OSError("disk full")

    def fails(work: object) -> None:
        raise error

    def exits(work: object) -> None:
        raise SystemExit(3)

    with pytest.raises(OSError, match="disk full") as caught:
        await run_in_thread(fails)
    assert caught.value is error
    with pytest.raises(Escaped) as escaped:
        await run_in_thread(exits)
    assert isinstance(escaped.value.error, SystemExit)


async def test_a_thread_can_call_back_into_the_event_loop() -> None:
    def ask(work: object) -> str:
        return anyio.from_thread.run(answer)

    async def answer() -> str:
        return "here"

    assert await run_in_thread(ask) == "here"


async def test_a_thread_can_ask_whether_it_is_still_wanted() -> None:
    answers: list[BaseException] = []
    asked = threading.Event()

    def ask(work: object) -> None:
        anyio.from_thread.check_cancelled()
        release.wait(10)
        try:
            anyio.from_thread.check_cancelled()
        except BaseException as error:
            answers.append(error)
        asked.set()

    release = threading.Event()
    with anyio.move_on_after(0.05):
        await run_in_thread(ask)
    release.set()
    await anyio.to_thread.run_sync(asked.wait, 10)
    assert isinstance(answers[0], anyio.get_cancelled_exc_class())


async def test_what_a_thread_calls_on_the_event_loop_is_cancelled_with_it() -> None:
    ended = anyio.Event()

    async def forever() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.set()

    if anyio.get_cancelled_exc_class().__module__.startswith("trio"):
        return  # trio lets it go on, and cancels it when the event loop ends
    with anyio.move_on_after(0.05):
        await run_in_thread(lambda _: anyio.from_thread.run(forever))
    with anyio.fail_after(5):
        await ended.wait()


async def test_code_in_a_thread_is_in_no_async_library() -> None:
    sniffio = pytest.importorskip("sniffio")

    def library() -> str:
        try:
            return str(sniffio.current_async_library())
        except sniffio.AsyncLibraryNotFoundError:
            return "none"

    sniffio.current_async_library_cvar.set(sniffio.current_async_library())
    outcome = await BackgroundTask(library).run()
    assert isinstance(outcome, Succeeded)
    assert outcome.value == "none"


async def test_tasks_that_each_wait_for_another_task_do_not_wait_for_ever() -> None:
    everyone = threading.Barrier(MAX_THREADS)

    def outer() -> str:
        everyone.wait(10)  # now all threads are taken
        outcome = anyio.from_thread.run(BackgroundTask(inner).run)
        assert isinstance(outcome, Succeeded)
        return str(outcome.value)

    def inner() -> str:
        outcome = anyio.from_thread.run(BackgroundTask(str, "innermost").run)
        assert isinstance(outcome, Succeeded)
        return str(outcome.value)

    tasks = BackgroundTasks(max_concurrent=None)
    for _ in range(MAX_THREADS):
        tasks.add_task(outer)
    with anyio.fail_after(10):
        outcomes = await tasks.run_all()
    assert {getattr(outcome, "value", outcome) for outcome in outcomes} == {"innermost"}


async def test_a_task_that_waits_for_a_group_gets_one_thread_more_for_all_of_it() -> None:
    everyone = threading.Barrier(MAX_THREADS)
    active: list[int] = []
    most: list[int] = []

    def outer() -> None:
        everyone.wait(10)
        group = BackgroundTasks(max_concurrent=None)
        for _ in range(5):
            group.add_task(inner)
        anyio.from_thread.run(group)
        everyone.wait(10)

    def inner() -> None:
        active.append(1)
        most.append(len(active))
        time.sleep(0.001)
        active.pop()

    tasks = BackgroundTasks(max_concurrent=None)
    for _ in range(MAX_THREADS):
        tasks.add_task(outer)
    with anyio.fail_after(10):
        await tasks.run_all()
    assert len(most) == 5 * MAX_THREADS
    assert max(most) <= MAX_THREADS


async def test_a_thread_is_used_again() -> None:
    first = await run_in_thread(lambda _: threading.get_ident())
    assert {await run_in_thread(lambda _: threading.get_ident()) for _ in range(20)} == {first}


@pytest.mark.parametrize("anyio_backend", [("asyncio", {"use_uvloop": use}) for use in (0, 1)])
async def test_a_thread_without_work_ends_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_worker, "IDLE", 0.01)
    thread = await run_in_thread(lambda _: threading.current_thread())
    await anyio.to_thread.run_sync(thread.join, 5)
    assert not thread.is_alive()
    assert await run_in_thread(lambda _: "another") == "another"


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_threads_do_not_hold_up_the_end_of_the_interpreter() -> None:
    assert (await run_in_thread(lambda _: threading.current_thread())).daemon


@pytest.mark.parametrize("use_uvloop", [False, True])
def test_threads_end_with_their_event_loop(use_uvloop: bool) -> None:
    async def main() -> threading.Thread:
        thread = await run_in_thread(lambda _: threading.current_thread())
        assert isinstance(thread, threading.Thread)
        return thread

    thread = anyio.run(main, backend_options={"use_uvloop": use_uvloop})
    thread.join(5)
    assert not thread.is_alive()


async def test_many_results_come_back_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    blocked = threading.Event()
    soon = caller_of_this_loop()

    def count(function: Callable[[], object]) -> object:
        calls.append(function)
        return soon(function)

    monkeypatch.setattr("postlude._threads.caller_of_this_loop", lambda: count)
    threads = Threads(MAX_THREADS)
    async with anyio.create_task_group() as group:
        for _ in range(200):
            group.start_soon(threads.do, Work(lambda _: None))
        await anyio.lowlevel.checkpoint()
        blocked.wait(0.2)  # nothing is fetched meanwhile
    threads.close()
    assert len(calls) < 100


FORKS = """
import asyncio, os
from postlude import BackgroundTask

async def work() -> None:
    async with asyncio.timeout(10):
        assert (await BackgroundTask(str, "thread").run()).value == "thread"

with asyncio.Runner() as runner:
    runner.run(work())
    child = os.fork()
    if not child:
        asyncio.run(work())
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    runner.run(work())
print("done")
"""
LEAVES = """
import anyio, time
from postlude import BackgroundTask

anyio.run(BackgroundTask(time.sleep, 60).with_options(timeout=0.05))
print("done")
"""


@pytest.mark.parametrize("script", [FORKS, LEAVES] if hasattr(os, "fork") else [LEAVES])
def test_a_process_goes_on_after_a_fork_and_ends_without_waiting(script: str) -> None:
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout, done.returncode) == ("done\n", 0), done.stderr


@pytest.mark.parametrize("anyio_backend", [("asyncio", {"use_uvloop": use}) for use in (0, 1)])
async def test_one_that_cannot_hear_of_its_result_keeps_nobody_from_theirs() -> None:
    threads, both_done = Threads(1), threading.Event()
    heard, errors = anyio.Event(), list[str]()

    def fails() -> None:
        raise OSError("cannot hear")

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: errors.append(str(context["exception"])))
    threads.submit(Work(lambda _: None, fails))
    threads.submit(Work(lambda _: both_done.set(), heard.set))
    both_done.wait(10)  # so that both are told of in one call
    with anyio.fail_after(5):
        await heard.wait()
    assert errors == ["cannot hear"]
    threads.close()


class LateThreads(Threads):
    """Has work for a thread at the very moment at which that gives up waiting for some."""

    late: Work | None = None

    def leave(self, worker: _worker.Worker) -> bool:
        if self.late is not None:
            work, self.late = self.late, None
            self.submit(work)
        return super().leave(worker)


@pytest.mark.parametrize("anyio_backend", [("asyncio", {"use_uvloop": use}) for use in (0, 1)])
async def test_work_that_comes_as_a_thread_is_about_to_end_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_worker, "IDLE", 0.01)
    threads, done = LateThreads(1), anyio.Event()
    names: list[int] = []
    threads.late = Work(lambda _: names.append(threading.get_ident()), done.set)
    await threads.do(Work(lambda _: names.append(threading.get_ident())))
    with anyio.fail_after(5):
        await done.wait()
    assert names == names[:1] * 2
    threads.close()


async def test_a_guest_that_is_no_longer_wanted_leaves_its_thread_to_the_next() -> None:
    begun, release = threading.Event(), threading.Event()
    called: list[str] = []

    def outer(number: int) -> None:
        everyone.wait(10)
        if number:
            over.wait(10)
            return
        anyio.from_thread.run(ask)
        over.set()

    def hold() -> None:
        begun.set()
        release.wait(10)

    async def ask() -> None:
        # All threads are taken, and of these three one at a time has the extra one.
        async with anyio.create_task_group() as group:
            group.start_soon(BackgroundTask(hold))
            await anyio.wait_all_tasks_blocked()
            with anyio.move_on_after(0.02):
                await BackgroundTask(called.append, "never")()
            group.start_soon(BackgroundTask(called.append, "next"))
            await anyio.wait_all_tasks_blocked()
            release.set()

    everyone, over = threading.Barrier(MAX_THREADS), threading.Event()
    tasks = BackgroundTasks(max_concurrent=None)
    for number in range(MAX_THREADS):
        tasks.add_task(outer, number)
    with anyio.fail_after(10):
        await tasks.run_all()
    assert called == ["next"]


async def test_work_that_is_done_already_gets_no_second_thread() -> None:
    release = threading.Event()
    works = [Work(lambda _: release.wait(10)) for _ in range(2)]
    threads = Threads(2)
    for work in works:
        threads.submit(work)
    with anyio.fail_after(10):
        while not all(work.state is State.RUNNING for work in works):
            await anyio.lowlevel.checkpoint()
        for _ in range(2):
            threads.hasten(works[0], works[1])
        assert works[1].guest is None
        release.set()
        while not all(work.state is State.DONE for work in works):
            await anyio.lowlevel.checkpoint()
    threads.close()
