"""Where tasks run that no request waits for."""

from __future__ import annotations

import inspect
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal

import anyio
from postlude._clock import clock
from postlude._dispatch import engine_for
from postlude._diversion import diversions
from postlude._drain import drain, has_work
from postlude._events import checked_observer
from postlude._handle import TaskHandle
from postlude._options import LONGEST, checked_engine
from postlude._pool import Pool
from postlude._signals import PATIENCE, Vigil
from postlude._task import BackgroundTask
from postlude._threads import MAX_THREADS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType
    from typing import Self

    from postlude._drain import DrainReport
    from postlude._events import Observer
    from postlude._outcome import Failed, TimedOut
    from postlude.protocols import Engine


class TaskRunner:
    """Runs tasks that were handed over, and sees to it that none is lost without a word.

    It lives as long as the application: open it with `async with`, give `runner.lifespan` to a
    framework, or leave that to `PostludeMiddleware`. When it ends it is drained: it takes no more
    tasks, lets those that it has finish for `drain_timeout` seconds, and reports what did not.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, TaskRunner


        async def send_email(to: str) -> str:
            return f"sent to {to}"


        async def main() -> None:
            async with TaskRunner() as runner:
                handle = runner.submit(BackgroundTask(send_email, "ada@example.com"))
                print(handle.status)
                outcome = await handle.wait()
                print(handle.status, outcome.value)


        asyncio.run(main())
        ```

        ```text title="Output"
        pending
        succeeded sent to ada@example.com
        ```
    """

    def __init__(
        self,
        *,
        max_concurrent: int = 100,
        max_pending: int = 10_000,
        max_threads: int = MAX_THREADS,
        drain_timeout: float | timedelta = 30.0,
        monitor: Observer | None = None,
        on_error: Callable[[Failed | TimedOut], object] | None = None,
        on_full: Literal["raise", "wait"] = "raise",
        engine: Engine | None = None,
    ) -> None:
        """Set the limits.

        Args:
            max_concurrent: How many tasks run at a time; a task that waits for its retry does not
                count, and one that waits for the handle of another task of this runner lends it
                its place.
            max_pending: How many tasks may wait for their turn; one that waits for its `delay` does
                not count.
            max_threads: In how many threads its `def` tasks run; they are its own. A thread that
                waits for a handle makes room for one more.
            drain_timeout: How long tasks may go on when the runner ends, in seconds or as a
                `timedelta`. Keep it shorter than what your service manager allows.
            monitor: Called with each event of its tasks, where it happens; a `TaskMonitor`, or any
                function that `subscribe()` takes.
            on_error: Called on the event loop with the outcome of each task that failed for good.
            on_full: What `await task.submit()` does when `max_pending` tasks wait: `"raise"`
                `QueueFull`, or `"wait"` for room.
            engine: The store or engine that runs each task whose function is marked with `@task`,
                unless the task names another one; all others run here.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: A limit is 0 or less, the timeout is negative, or `on_full` is unknown.

        Example:
            ```python
            import asyncio
            import time

            from postlude import BackgroundTask, TaskRunner

            running = []


            def work(number: int) -> None:
                running.append(number)
                time.sleep(0.05)
                print(*running)
                running.remove(number)


            async def main() -> None:
                async with TaskRunner(max_pending=1, max_threads=1, on_full="wait"):
                    for number in range(3):
                        await BackgroundTask(work, number).submit()


            asyncio.run(main())
            ```

            ```text title="Output"
            0
            1
            2
            ```
        """
        self._drain_timeout = checked_timeout("drain_timeout", drain_timeout)
        if on_error is not None and not callable(on_error):
            raise TypeError(
                "on_error= must be a function of one outcome, or None, got an object of type "
                f"{type(on_error).__name__!r}"
            )
        if inspect.iscoroutinefunction(on_error) or inspect.iscoroutinefunction(
            getattr(on_error, "__call__", None)  # noqa: B004
        ):
            raise TypeError(
                "on_error= must be a plain function, got an `async def`: nothing can be awaited "
                "where a task ends. Write `def`, and submit a task for what takes long"
            )
        if on_full not in ("raise", "wait"):
            raise ValueError(f"on_full={on_full!r} must be 'raise' or 'wait'")
        self.pool = Pool(
            _checked_count("max_concurrent", max_concurrent),
            _checked_count("max_pending", max_pending),
            threads=_checked_count("max_threads", max_threads),
            patient=on_full == "wait",
            on_error=on_error,
            monitor=None if monitor is None else checked_observer("monitor=", monitor),
            engine=None if engine is None else checked_engine(engine),
        )
        self._depth = 0
        self._vigil = Vigil()

    def submit(self, task: BackgroundTask) -> TaskHandle:
        """Hand a task over, from any thread, without waiting.

        Args:
            task: It is run as soon as one of `max_concurrent` places is free.

        Returns:
            A handle to ask how it is, wait for it or cancel it.

        Raises:
            TypeError: It is no `BackgroundTask`, or goes to an engine, which has to be waited for.
            QueueFull: `max_pending` tasks wait already, whatever `on_full` says.
            RunnerClosed: The runner was not started, or is shutting down.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTask, TaskRunner


            async def main() -> None:
                async with TaskRunner() as runner:
                    handles = [runner.submit(BackgroundTask(pow, 2, n)) for n in (1, 2, 3)]
                    print([(await handle.wait()).value for handle in handles])


            asyncio.run(main())
            ```

            ```text title="Output"
            [2, 4, 8]
            ```
        """
        _check_task(task)
        task.used = True
        if diversions:
            return diversions[-1].submitted_now(task, self.pool)
        engine = engine_for(task, self.pool.engine)
        if engine is not None:
            raise TypeError(
                f"task {task.name!r} goes to the engine {engine.name!r}, which has to be waited "
                "for: write `await task.submit()`"
            )
        return self.pool.submit(task)

    def get(self, task_id: str) -> TaskHandle | None:
        """The handle of a task that was handed over to this runner.

        All tasks that have not ended are known, and the last 1000 that have.

        Args:
            task_id: What `handle.id` said, or `with_options(task_id=...)`.

        Returns:
            A handle, or `None` if the id is not known, any more or at all.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTask, TaskRunner


            async def main() -> None:
                async with TaskRunner() as runner:
                    task = BackgroundTask(sorted, "cab").with_options(task_id="sort-1")
                    await runner.submit(task).wait()
                    print(runner.get("sort-1"), runner.get("sort-2"))


            asyncio.run(main())
            ```

            ```text title="Output"
            <TaskHandle 'sorted': succeeded> None
            ```
        """
        job = self.pool.history.get(task_id)
        return None if job is None else TaskHandle(job, self.pool)

    async def drain(
        self,
        timeout: float | timedelta | None = None,  # noqa: ASYNC109  (the report needs it)
    ) -> DrainReport:
        """Take no more tasks, wait for those there are, cancel what is left and report it.

        Each task that did not finish is logged with its name and id, and a summary after them. A
        SIGTERM or SIGINT that comes meanwhile ends the wait at once. In a worker of a server with
        a main process, the copies of the first signal do not count, and a line in the log soon
        says how to end the wait. A task whose `delay` or retry ends in time is run;
        one that is due later is not waited for, and reported like the others.

        Args:
            timeout: How long to wait, in seconds or as a `timedelta`; by default `drain_timeout`.

        Returns:
            What finished, and what did not.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTask, TaskRunner


            async def main() -> None:
                async with TaskRunner() as runner:
                    runner.submit(BackgroundTask(asyncio.sleep, 0.01))
                    report = await runner.drain()
                    print(report.finished, report.unfinished)


            asyncio.run(main())
            ```

            ```text title="Output"
            1 ()
            ```
        """
        limit = self._drain_timeout if timeout is None else checked_timeout("timeout", timeout)
        return await drain(self.pool, limit, self._vigil)

    @property
    def lifespan(self) -> Callable[..., AbstractAsyncContextManager[None]]:
        """The runner as the `lifespan` of a framework's application.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTask, TaskRunner
            from starlette.applications import Starlette

            runner = TaskRunner()
            app = Starlette(lifespan=runner.lifespan)


            async def main() -> None:
                async with app.router.lifespan_context(app):  # what a server does
                    print(await runner.submit(BackgroundTask(len, "four")).wait())


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
        """Start, unless it was started already: then the outer block ends it."""
        if not self._depth:
            await self.pool.start()
            self._vigil = Vigil()
            if self._vigil.is_worker:
                alarm = anyio.Event()
                self._vigil.begin(lambda: self.pool.call_soon(alarm.set))
                self.pool.attend(partial(self._stop_alone, alarm))
        self._depth += 1
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Drain it, unless that was done, and end its workers."""
        self._depth -= 1
        if self._depth:
            return
        try:
            # It may have been closed by a drain that is still under way elsewhere.
            if self.pool.is_open or has_work(self.pool):
                timeout = self._drain_timeout
                await drain(self.pool, timeout, self._vigil, raises=error is None)
        finally:
            self._vigil.end()
            await self.pool.stop()

    async def _stop_alone(self, alarm: anyio.Event) -> None:
        """End a worker whose server does not heed the signal that it got."""
        await alarm.wait()
        await clock().sleep(PATIENCE)
        if self.pool.is_open:
            await self.drain()
            self._vigil.give_back()

    def __repr__(self) -> str:
        state = "open" if self.pool.is_open else "closed"
        return f"<{type(self).__name__}: {state}, {len(self.pool.jobs)} tasks>"


def _check_task(task: object) -> None:
    if not isinstance(task, BackgroundTask):
        raise TypeError(
            f"submit() takes a BackgroundTask, got an object of type {type(task).__name__!r}: "
            "write submit(BackgroundTask(function, ...))"
        )


def _checked_count(name: str, value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"{name}={value!r} must be a whole number")
    if value < 1:
        raise ValueError(f"{name}={value} must be 1 or more")
    return value


def checked_timeout(name: str, value: object) -> float:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name}={value!r} must be seconds or a timedelta, such as {name}=10.0")
    if not 0 <= value <= LONGEST:
        raise ValueError(f"{name}={value!r} must be 0 seconds or more")
    return float(value)
