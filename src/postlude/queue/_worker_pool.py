"""The workers of an application, from its start to its end."""

from __future__ import annotations

import math
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING, cast

import anyio
from postlude._drain import drain, has_work
from postlude._events import everyone
from postlude._pool import LATE
from postlude._runner import checked_timeout
from postlude._waiter import Loop, Waiter
from postlude.queue._worker import Worker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager
    from datetime import timedelta
    from types import TracebackType
    from typing import Self

    from anyio.abc import TaskGroup
    from postlude._drain import DrainReport
    from postlude._job import Job
    from postlude.queue._item import Item
    from postlude.queue._queue import TaskQueue
    from postlude.queue._shift import Shift


class WorkerPool:
    """Runs workers as long as the application lives, and ends them as a runner ends its tasks.

    Open it with `async with`, or give `pool.lifespan` to a framework. It opens the queues of its
    workers. When it ends it closes them: they take no more tasks, what they hold may finish for
    `drain_timeout` seconds, and each task that did not is reported by name and id, a task whose
    type no worker serves at once.

    Attributes:
        workers: The workers, in the order given.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, TaskQueue, Worker, WorkerPool

        queue = TaskQueue()
        pool = WorkerPool(Worker(queue, "worker-1"), Worker(queue, "worker-2"))


        async def main() -> None:
            async with pool:
                handle = await queue.put(BackgroundTask(max, 3, 7))
                outcome = await handle.wait()
                print(outcome.value)


        asyncio.run(main())
        ```

        ```text title="Output"
        7
        ```
    """

    title = "the worker pool"
    audience = everyone

    def __init__(self, *workers: Worker, drain_timeout: float | timedelta = 30.0) -> None:
        """Gather workers; none runs yet.

        Args:
            *workers: At least one; they may serve the same queue or several.
            drain_timeout: How long tasks may go on when the pool ends, in seconds or as a
                `timedelta`. Keep it shorter than what your service manager allows.

        Raises:
            TypeError: There is no worker, or one of them is something else.
            ValueError: The timeout is negative, or a worker is given twice.
        """
        _check_workers(workers)
        self.workers = workers
        self._drain_timeout = checked_timeout("drain_timeout", drain_timeout)
        self._shifts: list[Shift] = []
        self._watchers: list[Waiter] = []
        self.given_up: set[Job] = set()
        self._horizon = math.inf
        self._is_open = False

    async def drain(
        self,
        timeout: float | timedelta | None = None,  # noqa: ASYNC109  (the report needs it)
    ) -> DrainReport:
        """Close the queues, wait for what is there, cancel what is left and report it.

        Each task that did not finish is logged with its name and id, and a summary after them. A
        SIGTERM or SIGINT that comes meanwhile ends the wait at once.

        Args:
            timeout: How long to wait, in seconds or as a `timedelta`; by default `drain_timeout`.

        Returns:
            What finished, and what did not.

        Example:
            ```python
            import asyncio
            import logging

            from postlude import BackgroundTask, TaskQueue, Worker, WorkerPool

            logging.getLogger("postlude").disabled = True  # the loss is logged as well


            async def main() -> None:
                queue = TaskQueue()
                async with WorkerPool(Worker(queue, "worker-1"), drain_timeout=60) as pool:
                    for seconds in (0.01, 60):
                        await queue.put(BackgroundTask(asyncio.sleep, seconds))
                    report = await pool.drain(timeout=0.5)
                    print(report.finished, "finished")
                    print(report.unfinished[0].reason)


            asyncio.run(main())
            ```

            ```text title="Output"
            1 finished
            the drain timeout of 0.5 s was over
            ```
        """
        limit = self._drain_timeout if timeout is None else checked_timeout("timeout", timeout)
        self._is_open = False
        return await drain(self, limit)

    @property
    def lifespan(self) -> Callable[..., AbstractAsyncContextManager[None]]:
        """The pool as the `lifespan` of a framework's application.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTask, TaskQueue, Worker, WorkerPool
            from starlette.applications import Starlette

            queue = TaskQueue()
            pool = WorkerPool(Worker(queue, "worker-1"))
            app = Starlette(lifespan=pool.lifespan)


            async def main() -> None:
                async with app.router.lifespan_context(app):  # what a server does
                    handle = await queue.put(BackgroundTask(len, "four"))
                    print(await handle.wait())


            asyncio.run(main())
            ```

            ```text title="Output"
            Succeeded(value=4, ...)
            ```
        """

        # No method, since Lilya calls a method without the application to get the real one.
        @asynccontextmanager
        async def lifespan(app: object = None) -> AsyncGenerator[None]:
            async with self:
                yield

        return lifespan

    async def __aenter__(self) -> Self:
        """Open the queues and start the workers."""
        shifts = self._begun()
        self._loop = Loop()
        self._horizon = math.inf
        self._shifts = shifts
        for queue in self._queues():
            queue.reopen()
            queue.onlookers.append(self)
        self._group: TaskGroup = anyio.create_task_group()
        await self._group.__aenter__()
        for shift in self._shifts:
            self._group.start_soon(shift.run)
        self._is_open = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Drain it, unless that was done, and end its workers."""
        try:
            # It may have been closed by a drain that is still under way elsewhere.
            if self._is_open or has_work(self):
                self._is_open = False
                await drain(self, self._drain_timeout, raises=error is None)
        finally:
            self._group.cancel_scope.cancel()
            await self._group.__aexit__(None, None, None)
            for queue in self._queues():
                queue.onlookers.remove(self)
            self._end_shifts()

    def __repr__(self) -> str:
        names = ", ".join(repr(worker.name) for worker in self.workers)
        return f"<{type(self).__name__}: {names}>"

    # What follows is for the drain.

    @property
    def finished(self) -> int:
        """How many tasks have ended by themselves since the pool was opened."""
        return sum(shift.finished for shift in self._shifts)

    @property
    def jobs(self) -> list[Job]:
        """What its workers hold or could take, and what no worker at all would."""
        return list(self._items())

    def close(self) -> None:
        """Close the queues; what a store keeps can wait for the next start."""
        for shift in self._shifts:
            shift.stop()
        for queue in self._queues():
            queue.shut()

    def look_ahead(self, horizon: float) -> None:
        """Wait for no task that is due only after this moment."""
        self._horizon = horizon

    def hopeless(self, job: Job) -> str:
        """Why the task is not waited for; empty if it is."""
        item = cast("Item", job)
        if not item.queue.serves(item):
            return f"no worker serves its type {item.kind!r}"
        return LATE if item.scope is None and item.due > self._horizon else ""

    def call_soon(self, function: Callable[[], object]) -> None:
        """Call the function on the event loop, later; also from a signal handler."""
        self._loop.soon(function)

    def cancel(self, job: Job, reason: str) -> None:
        """End a task."""
        cast("Item", job).queue.cancel(job, reason)

    async def idle(self) -> None:
        """Wait until every task has ended, or is hopeless."""
        while not all(self.hopeless(item) for item in self._items()):
            watcher = Waiter(self._loop)
            self._watchers.append(watcher)
            await watcher.wait()

    def look(self) -> None:
        """Something has changed since a queue was closed; in any thread."""
        while self._watchers:
            self._watchers.pop().wake()

    def _begun(self) -> list[Shift]:
        shifts: list[Shift] = []
        # One that runs already is not touched, and none is left that has begun in vain.
        with ExitStack() as undo:
            for worker in self.workers:
                shift = worker.begin()
                undo.callback(worker.done)
                undo.callback(shift.leave)
                shifts.append(shift)
            undo.pop_all()
        return shifts

    def _end_shifts(self) -> None:
        for worker, shift in zip(self.workers, self._shifts, strict=True):
            shift.leave()
            worker.done()

    def _queues(self) -> list[TaskQueue]:
        return list(dict.fromkeys(worker.queue for worker in self.workers))

    def _items(self) -> Iterator[Item]:
        for queue in self._queues():
            for item in queue.items():
                if item.holder is not None:
                    mine = item.holder in self._shifts
                else:
                    mine = any(shift.would_take(item) for shift in self._shifts)
                if mine or not queue.serves(item):
                    yield item


def _check_workers(workers: tuple[object, ...]) -> None:
    if not workers:
        raise TypeError("a pool needs workers: write WorkerPool(Worker(queue, 'worker-1'))")
    for worker in workers:
        if not isinstance(worker, Worker):
            raise TypeError(
                f"a pool takes Worker objects, got an object of type {type(worker).__name__!r}: "
                "write WorkerPool(Worker(queue, 'worker-1'))"
            )
    if len(set(workers)) < len(workers):
        raise ValueError("the same worker is given twice: make another, or set concurrency=")
