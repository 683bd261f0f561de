"""Tasks that run at once."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import anyio
from postlude._clock import on_trio
from postlude._diversion import diversions
from postlude._execution import Execution
from postlude._handle import TaskHandle
from postlude._job import Job
from postlude._outcome import Failed, TimedOut
from postlude.testing._nested import each_task

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from postlude._call import Call
    from postlude._diversion import Place
    from postlude._outcome import Outcome


@contextmanager
def run_immediately(*, raise_errors: bool = True) -> Generator[list[Outcome]]:
    """Run every task of the process to its end at the point where it is handed over.

    When a test client has the response, what was attached to it has run; when `submit()` or
    `put()` has returned, the task has its outcome. Nothing runs side by side, and nothing waits: a
    retry follows at once, and a delay is none. No runner or worker has to be there. It holds for
    all threads.

    An `async def` that is handed over where nothing can be awaited (`runner.submit()`,
    `queue.put_nowait()`, a scheduler) runs in an event loop of its own, and the caller's stands
    still meanwhile: it must not wait for something of that other loop.

    A task that fails disturbs neither its siblings nor the response, as always. But when the block
    ends, its error is raised, so that the test fails for the task's own reason.

    Args:
        raise_errors: Whether the block raises the error of a failed task when it ends, or an
            `ExceptionGroup` of several. `False`: it does not, and the test looks at the outcomes.

    Returns:
        A context manager; its value is the list of outcomes so far, in the order the tasks ended.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, TaskRunner
        from postlude.testing import run_immediately

        runner = TaskRunner()


        async def count_words(text: str) -> int:
            return len(text.split())


        async def upload(text: str) -> str:  # what is tested
            return runner.submit(BackgroundTask(count_words, text)).id


        with run_immediately() as outcomes:
            task_id = asyncio.run(upload("to be or not"))
        print(outcomes[0].name, outcomes[0].value, outcomes[0].task_id == task_id)
        ```

        ```text title="Output"
        count_words 4 True
        ```
    """
    immediate = Immediate()
    with immediate:
        yield immediate.outcomes
    if raise_errors:
        immediate.raise_errors()


class Immediate:
    """The diversion itself, for `run_immediately` and its fixture."""

    def __init__(self) -> None:
        """Begin without outcomes."""
        self.outcomes: list[Outcome] = []

    def __enter__(self) -> None:
        diversions.append(self)

    def __exit__(self, *error: object) -> None:
        diversions.remove(self)

    def raise_errors(self) -> None:
        """Raise what tasks failed with, if any did."""
        errors = [error for outcome in self.outcomes for error in _errors(outcome)]
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise BaseExceptionGroup(f"{len(errors)} tasks failed", errors)

    async def attached(self, tasks: Sequence[Call]) -> None:
        """Run them, one after another; also those that are added meanwhile."""
        for task in each_task(tasks):
            await self._run(Execution(task))

    async def submitted(self, task: Call, place: Place | None) -> TaskHandle:
        """Run it."""
        job = self._job(task, place)
        await self._run(job)
        return self._handle(job, place)

    def submitted_now(self, task: Call, place: Place) -> TaskHandle:
        """Run it in an event loop of its own."""
        job = self._job(task, place)
        backend = "trio" if on_trio() else "asyncio"
        errors: list[BaseException] = []

        def run() -> None:
            try:
                anyio.run(self._run, job, backend=backend)
            except BaseException as error:
                errors.append(error)

        # In a thread: this one may have an event loop already.
        thread = threading.Thread(target=run, name="postlude run_immediately")
        thread.start()
        thread.join()
        if errors:
            raise errors[0]
        return self._handle(job, place)

    def cancel(self, job: Job, reason: str) -> None:
        """Nothing: it has ended."""

    async def _run(self, execution: Execution) -> None:
        while execution.outcome is None:
            await execution.attempt()
        self.outcomes.append(execution.outcome)

    def _job(self, task: Call, place: Place | None) -> Job:
        if place is None:
            return Job(task)
        job = Job(task, audience=place.audience)
        place.history.begin(job)
        return job

    def _handle(self, job: Job, place: Place | None) -> TaskHandle:
        if place is not None:
            place.history.end(job)
        return TaskHandle(job, self)


def _errors(outcome: Outcome) -> list[BaseException]:
    match outcome:
        case Failed(error=error):
            return [error]
        case TimedOut(name=name, timeout=limit):
            return [TimeoutError(f"task {name!r} exceeded its {limit:g} s")]
        case _:
            return []
