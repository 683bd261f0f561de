"""Where tasks are scheduled."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal

from postlude._call import name_of
from postlude._diversion import diversions
from postlude._options import Options
from postlude._report import logger
from postlude._runner import TaskRunner
from postlude._task import BackgroundTask
from postlude.errors import RunnerClosed
from postlude.protocols import checked_store
from postlude.scheduler._delayed import Delayed
from postlude.scheduler._handle import ScheduledHandle
from postlude.scheduler._plan import checked_time, planned
from postlude.scheduler._recurring import Recurring
from postlude.scheduler._shared import Shared
from postlude.scheduler._zone import checked_zone

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from datetime import datetime, timedelta, tzinfo
    from types import TracebackType
    from typing import Self

    from postlude.protocols import Store
    from postlude.scheduler._plan import Plan


class BackgroundScheduler:
    """Runs tasks later, and again and again, on a `TaskRunner`.

    It starts and stops with its runner: open it with `async with`, give `scheduler.lifespan` to a
    framework, or give it the runner of `PostludeMiddleware`. What is added before it starts counts
    from then. When it stops nothing fires any more, and what runs is drained with its runner.

    It lives in its process: with several server processes each fires its own, and says so in the
    log when it starts. With a store it is the other way round: what is due is put into the store
    once, however many processes say so, and runs where a `Worker` serves the store.

    Attributes:
        runner: Where the tasks run.
        store: Where recurring tasks are put instead; `None`: nowhere.
        timezone: Whose wall clocks count.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundScheduler


        async def remind(who: str) -> None:
            print("reminded", who)


        async def main() -> None:
            async with BackgroundScheduler() as scheduler:
                handle = scheduler.add_delayed_task(remind, "ada", delay=0.05)
                await handle.wait()


        asyncio.run(main())
        ```

        ```text title="Output"
        reminded ada
        ```
    """

    def __init__(
        self,
        runner: TaskRunner | None = None,
        *,
        timezone: str | tzinfo | None = None,
        store: Store | None = None,
    ) -> None:
        """Prepare; nothing is due before it starts.

        Args:
            runner: Where the tasks run; by default a `TaskRunner()` of its own.
            timezone: The zone of cron expressions and of naive start times, such as
                `"Europe/Berlin"`; by default the computer's own.
            store: Where recurring tasks are put when they are due, once for all processes that
                share it, such as a `SQLiteStore`. Their functions are marked with `@task`. Two
                are one if they have the same name, arguments, queue and moment. Delayed tasks stay
                in the process, and so do `pause()` and `cancel()`: other processes go on.

        Raises:
            TypeError: `runner` is no `TaskRunner`, `timezone` no name and no `tzinfo`, or `store`
                no store.
            ValueError: There is no time zone of that name.
            MissingDependency: This computer has no time zone data.
        """
        if runner is not None and not isinstance(runner, TaskRunner):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"runner={runner!r} must be a TaskRunner, or None for one of its own")
        self.timezone = checked_zone(timezone)
        self.store = None if store is None else checked_store(store)
        self.runner = TaskRunner() if runner is None else runner
        self._early: list[Delayed] = []
        self._recurring: dict[Recurring, None] = {}
        self._is_open = False
        self._depth = 0
        pool = self.runner.pool
        pool.companions.append(self)
        if pool.is_open:
            pool.call_here(self.begin)

    def add_delayed_task(
        self, func: Callable[..., Any], /, *args: Any, delay: float | timedelta, **kwargs: Any
    ) -> ScheduledHandle:
        """Run a function once, some time from now; from any thread.

        Args:
            func: What to call; everything that `BackgroundTask` takes. For a task with a name,
                retries or a timeout, a `BackgroundTask` with these options, and no arguments.
            *args: Its positional arguments.
            delay: How long from now, in seconds or as a `timedelta`. It is measured on a clock that
                nobody sets, and waits for nothing else: 100,000 of them are no problem.
            **kwargs: Its keyword arguments, except `delay`.

        Returns:
            A handle to ask when it is due, wait for it, hold it back or cancel it.

        Raises:
            TypeError: The arguments do not fit, or `func` is no function.
            ValueError: `delay` is not more than 0.
            RunnerClosed: The scheduler was stopped.

        Example:
            ```python
            import asyncio
            from datetime import timedelta

            from postlude import BackgroundScheduler


            async def delete_token(token: str) -> None:
                print("deleted", token)


            async def main() -> None:
                async with BackgroundScheduler() as scheduler:
                    hour = timedelta(hours=1)
                    handle = scheduler.add_delayed_task(delete_token, delay=hour, token="x7")
                    handle.cancel()  # it was used in time
                    print((await handle.wait()).reason)


            asyncio.run(main())
            ```

            ```text title="Output"
            its schedule was cancelled
            ```
        """
        task = _task_of("add_delayed_task", func, args, kwargs)
        seconds = checked_time("delay", delay).total_seconds()
        if task is func:
            task = task.with_options(delay=seconds)
        else:  # nobody has it yet, and with_options() takes three times as long
            task.options = Options(delay=seconds, is_async=task.is_async)
        task.used = True
        delayed = Delayed(task, self.runner.pool, self.timezone)
        if self._is_to_begin() and not diversions:
            self._early.append(delayed)
        else:
            delayed.begin()
        return ScheduledHandle(delayed)

    def add_recurring_task(
        self,
        func: Callable[..., Any],
        /,
        *args: Any,
        interval: float | timedelta | None = None,
        cron: str | None = None,
        start_time: datetime | None = None,
        jitter: float | timedelta | None = None,
        overlap: Literal["skip", "queue", "allow"] = "skip",
        missed: Literal["run_once", "run_all", "skip"] = "run_once",
        **kwargs: Any,
    ) -> ScheduledHandle:
        """Run a function again and again, every so often or at times of day; from any thread.

        Args:
            func: What to call, as for `add_delayed_task`.
            *args: Its positional arguments.
            interval: How long from one time it is due to the next, in seconds or as a `timedelta`,
                for the first time one interval after it was added. Measured on a clock that nobody
                sets: it never drifts, and an interval of a day is as long as any other on the days
                on which clocks change. With a store, all processes go by the clock on the wall, and
                count from the same moment: `start_time`, which is a fixed one then, or else the
                beginning of 1970.
            cron: When wall clocks in the scheduler's time zone show this: minute, hour, day of the
                month, month and day of the week, as in `"30 2 * * *"` for half past two at night.
                Clocks that are set are followed within a minute. It needs `postlude[cron]`.
            start_time: When it is due for the first time: a naive one is in the scheduler's time
                zone. One that has passed moves to the next multiple of the interval after now.
                With `cron` it is not due before.
            jitter: Each time it is due later by a random part of this, in seconds or as a
                `timedelta`, so that many processes do not all begin at once. With a store, the
                part is the same in all of them.
            overlap: What happens when it is due and still runs: `"skip"` it with a line in the log,
                `"queue"` it to run when that has ended, or `"allow"` both to run.
            missed: What happens when the machine slept, or the event loop was blocked, while it was
                due: `"run_once"` for all those times, `"run_all"`, one for each, 1000 at most
                (not with `overlap="skip"`), or `"skip"` them if the last is more than a minute ago.
            **kwargs: Its keyword arguments, except those above.

        Returns:
            A handle to ask when it is due, hold it back or cancel it.

        Raises:
            TypeError: The arguments do not fit, `func` is no function, or an option is of the wrong
                type.
            ValueError: There is not exactly one of `interval` and `cron`, or an option is out of
                range or unknown, or cannot be kept with a store.
            NotDispatchable: It is to be put into a store, and cannot.
            MissingDependency: `cron` is given, and `cronsim` is not installed.
            RunnerClosed: The scheduler was stopped.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundScheduler


            async def clean_up(directory: str) -> None:
                print("cleaned", directory)


            async def main() -> None:
                async with BackgroundScheduler(timezone="Europe/Berlin") as scheduler:
                    handle = scheduler.add_recurring_task(clean_up, "/tmp", interval=0.3)
                    await handle.wait()
                    await handle.wait()
                    handle.cancel()
                    nightly = scheduler.add_recurring_task(
                        clean_up, "/var/tmp", cron="30 2 * * *", jitter=20, missed="skip"
                    )
                    print(nightly.name, f"{nightly.next_run:%H:%M}")


            asyncio.run(main())
            ```

            ```text title="Output"
            cleaned /tmp
            cleaned /tmp
            clean_up 02:30
            ```
        """
        task = _task_of("add_recurring_task", func, args, kwargs)
        task.used = True
        plan = planned(
            self.timezone,
            interval=interval,
            cron=cron,
            start_time=start_time,
            jitter=jitter,
            overlap=overlap,
            missed=missed,
            is_shared=self.store is not None,
        )
        recurring = self._recurring_of(task, plan)
        self._forget_cancelled()
        if self._is_to_begin():
            self._recurring[recurring] = None
        elif not self._is_open:
            raise RunnerClosed("the scheduler takes no task: it was stopped")
        else:
            self._recurring[recurring] = None
            self.runner.pool.call_here(recurring.begin)
        return ScheduledHandle(recurring)

    @asynccontextmanager
    async def lifespan(self, app: object = None) -> AsyncGenerator[None]:
        """The scheduler, and its runner, as the `lifespan` of a framework's application.

        Args:
            app: What the framework passes; it is not used.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundScheduler
            from starlette.applications import Starlette

            scheduler = BackgroundScheduler()
            handle = scheduler.add_recurring_task(print, "cleaned", interval=0.3)
            app = Starlette(lifespan=scheduler.lifespan)


            async def main() -> None:
                async with app.router.lifespan_context(app):  # what a server does
                    await handle.wait()


            asyncio.run(main())
            ```

            ```text title="Output"
            cleaned
            ```
        """
        async with self:
            yield

    async def __aenter__(self) -> Self:
        """Start, and the runner as well, unless they were started already."""
        await self.runner.__aenter__()
        self._depth += 1
        self.begin()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Fire no more, and end the runner, unless an outer block does."""
        self._depth -= 1
        if not self._depth:
            self.end()
        await self.runner.__aexit__(kind, error, traceback)

    def begin(self) -> None:
        """Start, on the event loop of the runner, which calls this when it starts."""
        if self._is_open or not self.runner.pool.is_open:
            return
        self._is_open = True
        if self.store is None:
            logger.info(
                "the scheduler has started; it fires in this process only, and each server process "
                "fires its own"
            )
        else:
            logger.info(
                "the scheduler has started; it fires once for all processes that share %r",
                self.store,
            )
        for recurring in tuple(self._recurring):
            recurring.begin()
        early, self._early = self._early, []
        for delayed in early:
            delayed.begin()

    def end(self) -> None:
        """Stop, on the event loop of the runner, which calls this when it takes no more tasks."""
        self._is_open = False
        for recurring in tuple(self._recurring):
            recurring.end()

    def __repr__(self) -> str:
        self._forget_cancelled()
        state = "open" if self._is_open else "closed"
        count = len(self._recurring)
        tasks = "1 recurring task" if count == 1 else f"{count} recurring tasks"
        return f"<{type(self).__name__}: {state}, {tasks}>"

    def _recurring_of(self, task: BackgroundTask, plan: Plan) -> Recurring:
        if self.store is None:
            return Recurring(task, plan, self.runner.pool, self.timezone)
        return Shared(task, plan, self.runner.pool, self.timezone, self.store)

    def _is_to_begin(self) -> bool:
        return not self._is_open and not self.runner.pool.was_open

    def _forget_cancelled(self) -> None:
        for recurring in tuple(self._recurring):
            if recurring.is_over:
                self._recurring.pop(recurring, None)


def _task_of(
    method: str, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> BackgroundTask:
    if isinstance(func, BackgroundTask):
        if args or kwargs:
            raise TypeError(
                f"{method}() got a task, which has its arguments, and more of them: write them "
                "where the task is made"
            )
        return func
    try:
        return BackgroundTask(func, *args, **kwargs)
    except TypeError as error:
        for name in _RESERVED[method]:
            if f"argument: {name!r}" in str(error):
                raise TypeError(
                    f"{name_of(func)}() wants an argument {name!r}, which {method}() keeps for the "
                    f"schedule: write {method}(BackgroundTask({name_of(func)}, ..., {name}=...))"
                ) from None
        raise


_RESERVED = {
    "add_delayed_task": ("delay",),
    "add_recurring_task": ("interval", "cron", "start_time", "jitter", "overlap", "missed"),
}
