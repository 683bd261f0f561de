"""One piece of work for after the response."""

from __future__ import annotations

import logging
import sys
from contextvars import copy_context
from typing import TYPE_CHECKING, ClassVar

from postlude._attendance import Attendance
from postlude._call import Call
from postlude._current import open_request
from postlude._dispatch import dispatch, engine_for, here_or_sending
from postlude._diversion import diversions
from postlude._execution import Execution
from postlude._takers import taker_if_any, taker_in_force

if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Self

    from postlude._handle import TaskHandle
    from postlude._outcome import Outcome
    from postlude._retry import RetryPolicy
    from postlude.protocols import Engine


class BackgroundTask(Call):
    """A function and its arguments, to be run after the response.

    Give it to a framework's `background=`, add it to a `BackgroundTasks` group, or await it.
    The function may be a `def` (run in a thread), an `async def`, a `functools.partial`, a bound
    method, a lambda, or an object with a sync or async `__call__`.

    The object can be called again and from several requests at once; each call is an execution
    of its own. Context variables are copied when it is created, and each attempt runs in a copy
    of that copy. Its arguments never appear in its `repr` or in a log.

    Attributes:
        func: The function.
        args: The positional arguments.
        kwargs: The keyword arguments.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask


        async def send_email(to: str, *, subject: str) -> None:
            print(f"to {to}: {subject}")


        async def main() -> None:
            task = BackgroundTask(send_email, "ada@example.com", subject="Welcome")
            print(task, task.args, task.kwargs)
            await task()


        asyncio.run(main())
        ```

        ```text title="Output"
        <BackgroundTask 'send_email'> ('ada@example.com',) {'subject': 'Welcome'}
        to ada@example.com: Welcome
        ```

        Arguments that do not fit are refused where the task is made:

        ```python
        from postlude import BackgroundTask


        def send_email(to: str, subject: str) -> None:
            print(f"to {to}: {subject}")


        try:
            BackgroundTask(send_email, "ada@example.com")
        except TypeError as error:
            print(error)
        ```

        ```text title="Output"
        send_email(to, subject): missing a required argument: 'subject'
        ```
    """

    # When the framework is not to run it after all, for the log.
    spared: ClassVar[str] = ""

    async def __call__(self) -> None:
        """Run it, as frameworks do after the response.

        Never raises the task's error: a failure is logged on the logger `postlude`. Only a
        cancellation from outside (the server stops) goes through.

        In a request under `PostludeMiddleware` it does not wait: the task runs after the response,
        once however often it is called there.
        """
        self.used = True
        request = open_request.get()
        if request is not None and request.hold(self):
            return
        if diversions:
            await diversions[-1].attached((self,))
            return
        if not await Attendance((self,)).attend():
            await Execution(here_or_sending(self)).finish()

    async def run(self) -> Outcome:
        """Run it here and now, and say what became of it.

        Returns:
            `Succeeded`, `Failed` or `TimedOut`. The task's error is logged and not raised.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTask

            outcome = asyncio.run(BackgroundTask(max, 3, 7).run())
            print(outcome.name, outcome.value)
            ```

            ```text title="Output"
            max 7
            ```
        """
        self.used = True
        return await Execution(self).finish()

    async def submit(self) -> TaskHandle:
        """Hand it over now, to the runner of the open request or else of this event loop.

        A task with an `engine=`, its own or the runner's, goes there instead, and needs no runner.

        Returns:
            A handle, once the runner or engine has the task; nothing waits for it. An engine's is
            an `EngineHandle`.

        Raises:
            RunnerClosed: No runner is open here, or it is shutting down.
            QueueFull: The runner has as many waiting tasks as it may.
            NotDispatchable: It is to leave the process, and cannot.
            EngineUnavailable: The store or engine could not take it.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTask, TaskRunner


            async def main() -> None:
                async with TaskRunner():
                    handle = await BackgroundTask(max, 3, 7).submit()
                    outcome = await handle.wait()
                    print(handle.status, outcome.value)


            asyncio.run(main())
            ```

            ```text title="Output"
            succeeded 7
            ```
        """
        self.used = True
        taker = taker_if_any()
        if diversions:
            return await diversions[-1].submitted(self, taker)
        engine = engine_for(self, None if taker is None else taker.engine)
        if engine is not None:
            return await dispatch(self, engine)
        return await taker_in_force().take(self)

    def with_options(
        self,
        *,
        name: str | None = None,
        retry_policy: RetryPolicy | None = None,
        timeout: float | timedelta | None = None,
        delay: float | timedelta | None = None,
        task_id: str | None = None,
        engine: Engine | None = None,
        queue: str | None = None,
        priority: int | None = None,
    ) -> Self:
        """The same task with other options; this one stays as it is.

        Args:
            name: What to call it in logs and outcomes; by default the function's name.
            retry_policy: When to try again; by default never.
            timeout: The limit of each attempt, in seconds or as a `timedelta`; by default none.
                An `async def` is cancelled; the thread of a `def` cannot be stopped and is left
                to itself.
            delay: How long after it was handed over or called it starts, in seconds or as a
                `timedelta`; by default at once. Until then it takes no place of a runner and holds
                up no other task of its group; in a pipeline it begins to count at its turn.
            task_id: The id of its executions; by default each gets a new one.
            engine: The store or engine that has it run, in another process or later, instead of
                this one; its function is marked with `@task`. `run()`, `run_all()` and pipelines
                run it here all the same.
            queue: The engine's queue to put it in; by default the engine's own default.
            priority: Higher goes first, in an engine or a `TaskQueue`; by default 0.

        Returns:
            A new task. An option that is left out keeps its value.

        Raises:
            TypeError: An option is of the wrong type.
            ValueError: A text is empty, or the timeout or the delay is not more than 0.

        Example:
            ```python
            import asyncio
            import logging

            from postlude import BackgroundTask, RetryPolicy

            logging.getLogger("postlude").setLevel(logging.ERROR)  # no retries' warnings
            calls = []


            async def fetch_rates() -> str:
                calls.append("call")
                if len(calls) < 3:
                    raise ConnectionError("try later")
                return "EUR 1.09"


            async def main() -> None:
                task = BackgroundTask(fetch_rates).with_options(
                    name="rates", retry_policy=RetryPolicy(max_retries=3, initial_delay=0.01)
                )
                outcome = await task.run()
                print(outcome.name, outcome.attempts, outcome.value)


            asyncio.run(main())
            ```

            ```text title="Output"
            rates 3 EUR 1.09
            ```
        """
        self.used = True
        options = self.options.updated(
            name=name,
            retry_policy=retry_policy,
            timeout=timeout,
            delay=delay,
            task_id=task_id,
            engine=engine,
            queue=queue,
            priority=priority,
        )
        task = self._copy()
        task.options = options
        return task

    def renewed(self) -> Self:
        """A copy with the context variables of now, for one request among many."""
        task = self._copy()
        task.context = copy_context()
        return task

    def __deepcopy__(self, memo: object) -> Self:
        """The same task: frameworks copy their handlers, and what hangs on them is shared."""
        return self

    def _copy(self) -> Self:
        self.used = True
        task = object.__new__(type(self))
        task.sealed = self.sealed
        task.func, task.args = self.func, self.args
        task.keywords = self.kwargs  # one dictionary for a task and its copies
        task.options, task.context = self.options, self.context
        return task

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    def __del__(self) -> None:
        # Without a context the construction failed: there is nothing that could have been run.
        if not self.used and not sys.is_finalizing() and "context" in self.__dict__:
            warn_never_run(f"task {self.name!r}", self.spared)


def warn_never_run(what: str, spared: str) -> None:
    """Say that work was prepared and thrown away: a response without it, most of the time."""
    logging.getLogger("postlude").warning(
        "%s was created but never run: pass it as background=, add it to a group or await it%s",
        what,
        spared,
    )
