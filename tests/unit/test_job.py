"""Jobs have an id and an outcome for who asks, and cost nothing for who does not."""

from __future__ import annotations

import functools
import gc
import logging
import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest
from postlude import BackgroundTask, Failed, Succeeded, TaskRunner, TaskStatus, _ids
from postlude._history import History
from postlude._job import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from postlude import TaskHandle

    Records = Callable[[], list[logging.LogRecord]]


async def nothing() -> None: ...


async def fail() -> None:
    raise ValueError("bad")


async def give(value: int) -> int:
    return value


async def ended(runner: TaskRunner, job: Job) -> None:
    runner.pool.put(job)
    with anyio.fail_after(10):
        await runner.drain()


@pytest.mark.anyio
async def test_who_reads_an_id_in_the_log_finds_the_task_by_it(records: Records) -> None:
    async with TaskRunner() as runner:
        await ended(runner, Job(BackgroundTask(fail)))
        [record] = [one for one in records() if one.levelno == logging.ERROR]
        handle = runner.get(vars(record)["task_id"])
        assert handle is not None
        assert handle.status is TaskStatus.FAILED


@pytest.mark.anyio
async def test_an_outcome_that_is_asked_for_late_tells_the_truth() -> None:
    async with TaskRunner() as runner:
        job = Job(BackgroundTask(give, 7).with_options(name="seven"))
        await ended(runner, job)
        outcome = job.outcome
        assert isinstance(outcome, Succeeded)
        assert (outcome.value, outcome.name, outcome.attempts) == (7, "seven", 1)
        assert outcome.task_id == job.task_id
        assert 0 <= outcome.duration < 10
        assert job.outcome is outcome


@pytest.mark.anyio
async def test_what_nobody_knows_the_id_of_is_not_remembered() -> None:
    async with TaskRunner() as runner:
        job = Job(BackgroundTask(nothing))
        await ended(runner, job)
        assert not job.has_id
        assert runner.get(job.task_id) is None


@pytest.mark.anyio
async def test_what_a_task_has_begun_does_not_keep_its_arguments() -> None:
    class Upload: ...

    async def begin(upload: Upload) -> None:
        handles.append(runner.submit(BackgroundTask(nothing).with_options(delay=60)))

    handles: list[TaskHandle] = []
    async with TaskRunner(drain_timeout=0) as runner:
        upload = Upload()
        arguments = weakref.ref(upload)
        runner.pool.put(Job(BackgroundTask(begin, upload)))
        del upload
        await anyio.wait_all_tasks_blocked()
        gc.collect()
        assert len(handles) == 1
        assert arguments() is None


@pytest.mark.anyio
async def test_tasks_that_begin_one_another_do_not_remember_each_other() -> None:
    async def begin(left: int) -> None:
        if left:
            runner.submit(BackgroundTask(begin, left - 1))

    async with TaskRunner(monitor=lambda event: None) as runner:
        runner.pool.history = History(2)
        before = count_of_jobs()
        runner.submit(BackgroundTask(begin, 20))
        with anyio.fail_after(10):
            while runner.pool.jobs:
                await anyio.lowlevel.checkpoint()
        assert count_of_jobs() - before <= 2


def count_of_jobs() -> int:
    gc.collect()
    return sum(type(one) is Job for one in gc.get_objects())


def test_an_id_that_is_looked_at_is_known_from_then_on() -> None:
    runner = TaskRunner()
    job = Job(BackgroundTask(int))
    job.pool = runner.pool
    assert runner.pool.history.get(job.task_id) is job


def test_who_asks_as_another_thread_gives_the_name_hears_the_same_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job, heard, naming = Job(BackgroundTask(int)), list[str](), _ids.naming
    job.call.used = True

    @contextmanager
    def late() -> Generator[None]:
        """Another thread is faster, after it was seen that there is no id yet."""
        monkeypatch.setattr(_ids, "naming", naming)
        faster = threading.Thread(target=lambda: heard.append(job.task_id))
        faster.start()
        faster.join()
        with naming:
            yield

    monkeypatch.setattr(_ids, "naming", late())
    assert [job.task_id] == heard


def test_threads_that_ask_at_once_hear_the_same_id() -> None:
    jobs = [Job(BackgroundTask(int)) for _ in range(300)]
    heard: list[list[str]] = [[], [], [], []]
    gate = threading.Barrier(len(heard))

    def ask(answers: list[str]) -> None:
        gate.wait()
        answers.extend(job.task_id for job in jobs)

    threads = [threading.Thread(target=ask, args=(answers,)) for answers in heard]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answers == heard[0] for answers in heard)
    for job in jobs:
        job.call.used = True


@pytest.mark.anyio
@pytest.mark.parametrize("limit", [None, 5])
async def test_a_call_that_lets_a_stop_iteration_out_has_failed(limit: float | None) -> None:
    class Stopped(functools.partial[Any]):
        def __call__(self, /, *args: Any, **keywords: Any) -> Any:
            return next(iter(()))

    async with TaskRunner() as runner:
        task = BackgroundTask(Stopped(anyio.sleep, 0))
        if limit is not None:
            task = task.with_options(timeout=limit)
        outcome = await runner.submit(task).wait()
    assert isinstance(outcome, Failed)
    assert "StopIteration" in str(outcome.error)
