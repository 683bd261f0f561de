"""Tasks that are recorded and not run."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from postlude._diversion import diversions
from postlude._handle import TaskHandle
from postlude._job import Job
from postlude._outcome import Cancelled
from postlude.testing._nested import each_task

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from postlude._call import Call
    from postlude._diversion import Place
    from postlude._task import BackgroundTask


@contextmanager
def capture_tasks() -> Generator[list[BackgroundTask]]:
    """Record every task that is handed over in the process, and run none.

    It sees what is attached to a response or handler (tasks of a group one by one), awaited,
    submitted to a runner, put into a queue, added to `current_tasks()` or given to a scheduler
    (a recurring task each time it is due), in the order handed over; no runner has to be open. It
    holds for all threads, so also for an application that a test client runs in another one.
    `run()`, `run_all()` and pipelines are no hand-over: who calls them wants the result, and they
    run.

    A handle of a recorded task stays `pending`, and can be found by its id; waiting for it is an
    error, since it would never end.

    Returns:
        A context manager; its value is the list of tasks so far. Look at their `name`, `func`,
        `args` and `kwargs`, or run one: `await tasks[0].run()`.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask
        from postlude.testing import capture_tasks


        async def send_email(to: str) -> None:
            raise AssertionError("a test sends no e-mail")


        async def register(email: str) -> str:  # what is tested
            await BackgroundTask(send_email, email).submit()
            return "registered"


        with capture_tasks() as tasks:
            print(asyncio.run(register("ada@example.com")))
        print([(task.func.__name__, task.args) for task in tasks])
        ```

        ```text title="Output"
        registered
        [('send_email', ('ada@example.com',))]
        ```
    """
    capture = _Capture()
    diversions.append(capture)
    try:
        yield capture.tasks
    finally:
        diversions.remove(capture)
        capture.end()


class _Capture:
    def __init__(self) -> None:
        self.tasks: list[BackgroundTask] = []
        self._jobs: list[tuple[_CapturedJob, Place | None]] = []

    async def attached(self, tasks: Sequence[Call]) -> None:
        self.tasks.extend(each_task(tasks))

    async def submitted(self, task: Call, place: Place | None) -> TaskHandle:
        return self._record(task, place)

    def submitted_now(self, task: Call, place: Place) -> TaskHandle:
        return self._record(task, place)

    def cancel(self, job: Job, reason: str) -> None:
        assert isinstance(job, _CapturedJob)
        job.finish_as(reason)

    def end(self) -> None:
        for job, place in self._jobs:
            job.finish_as("a test had recorded it instead of running it")
            if place is not None:
                place.history.end(job)

    def _record(self, task: Call, place: Place | None) -> TaskHandle:
        job = _CapturedJob(task)
        if place is not None:
            place.history.begin(job)
        self._jobs.append((job, place))
        self.tasks.extend(each_task((task,)))
        return TaskHandle(job, self)


class _CapturedJob(Job):
    __slots__ = ()

    def finish_as(self, reason: str) -> None:
        # Without the events of an end: it has had none of a beginning.
        if self.outcome is None:
            self._outcome = Cancelled(reason=reason, **self._facts())

    async def wait(self) -> NoReturn:
        raise RuntimeError(
            f"task {self.name!r} was recorded by capture_tasks() and never ends: "
            "use run_immediately() in tests that wait for an outcome"
        )
