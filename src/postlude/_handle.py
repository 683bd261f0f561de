"""What a caller holds of a task that was handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from postlude._outcome import Cancelled, Failed, Succeeded, TimedOut
from postlude._status import TaskStatus

if TYPE_CHECKING:
    from postlude._job import Job
    from postlude._outcome import Outcome


ENDS = {
    Succeeded: TaskStatus.SUCCEEDED,
    Failed: TaskStatus.FAILED,
    TimedOut: TaskStatus.TIMED_OUT,
    Cancelled: TaskStatus.CANCELLED,
}


class Canceller(Protocol):
    """What can end a job."""

    def cancel(self, job: Job, reason: str) -> None:
        """End it, from any thread."""
        ...


class TaskHandle:
    """A task that was handed over: ask how it is, wait for it, or cancel it.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, TaskRunner


        async def add(a: int, b: int) -> int:
            return a + b


        async def main() -> None:
            async with TaskRunner() as runner:
                handle = runner.submit(BackgroundTask(add, 1, 2))
                print(handle, handle.outcome)
                outcome = await handle.wait()
                print(handle.status, outcome.value)


        asyncio.run(main())
        ```

        ```text title="Output"
        <TaskHandle 'add': pending> None
        succeeded 3
        ```
    """

    __slots__ = ("_canceller", "_job")

    def __init__(self, job: Job, canceller: Canceller) -> None:
        self._job = job
        self._canceller = canceller

    @property
    def id(self) -> str:
        """The execution's id, for logs and status endpoints."""
        return self._job.task_id

    @property
    def name(self) -> str:
        """The task's name."""
        return self._job.name

    @property
    def status(self) -> TaskStatus:
        """Where it stands now."""
        job = self._job
        if job.outcome is not None:
            return ENDS[type(job.outcome)]
        if job.scope is not None:
            return TaskStatus.RUNNING
        return TaskStatus.RETRYING if job.attempts else TaskStatus.PENDING

    @property
    def outcome(self) -> Outcome | None:
        """What became of it; `None` as long as it has not ended."""
        return self._job.outcome

    async def wait(self) -> Outcome:
        """Wait until it has ended; on any event loop, also in another thread than its runner's.

        A task may wait for another task of its own runner, a `def` with
        `anyio.from_thread.run(handle.wait)`: that one comes first, in its place, and so on for
        what that one waits for. Tasks of two runners that wait for each other's need room in both.

        Returns:
            Its outcome. The task's error is logged and not raised, and the task goes on if the
            wait is cancelled.
        """
        return await self._job.wait()

    def cancel(self) -> None:
        """End it, from any thread; nothing happens if it has ended.

        What waits is never started. An `async def` that runs is cancelled at its next `await`; the
        thread of a `def` cannot be stopped and is left to itself. The outcome is `Cancelled`.

        An `async def` has the last word, whoever cancels it, this method, its time limit, or the
        end of its runner or workers: if it returns when it is cancelled, that is `Succeeded`; if it
        raises an error, `Failed`, and after this method or an end it is not tried again. It cannot
        just go on: each further `await` is cancelled as well, unless it is shielded.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTask, TaskRunner


            async def main() -> None:
                async with TaskRunner() as runner:
                    handle = runner.submit(BackgroundTask(asyncio.sleep, 60))
                    handle.cancel()
                    print(await handle.wait())


            asyncio.run(main())
            ```

            ```text title="Output"
            Cancelled(reason='its handle was told to cancel', task_id='...', name='sleep', ...)
            ```
        """
        self._canceller.cancel(self._job, "its handle was told to cancel")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}: {self.status}>"
