"""Several tasks for after the response, as one."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, overload

from postlude._attendance import lose
from postlude._call import SEALED, name_of
from postlude._cancellation import cancellations, stop_if_cancelled
from postlude._crew import Crew, attend_in_turn, in_turn
from postlude._current import open_request
from postlude._diversion import diversions
from postlude._entries import Entries, entries_of
from postlude._execution import Execution
from postlude._outcome import Failed, Succeeded, TimedOut
from postlude._task import BackgroundTask, warn_never_run
from postlude.errors import TaskFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Never, Self

    from postlude._entries import Follower
    from postlude._outcome import Outcome
    from postlude._retry import RetryPolicy

P = ParamSpec("P")
# Past the list's own `append`, which would look at a task that has been looked at.
_append = list[BackgroundTask].append


class BackgroundTasks:
    """Tasks that start in the order added, after one response.

    A task that fails never stops the others, and one that waits for its retry lets the next ones
    pass. The object can be called again and from several requests at once: each call runs every
    task anew. A task added while the group runs is run.

    Attributes:
        tasks: The tasks, in the order added. The list may be changed. A framework's own task that
            is put into it, or another function without arguments, becomes a task of the group;
            anything else becomes one that fails, with a `TypeError` that says what to write.
        max_concurrent: How many run at a time; `None` is no limit.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, BackgroundTasks


        async def send_email(to: str) -> None:
            print("email to", to)


        def write_log(line: str) -> None:
            print("log:", line)


        async def main() -> None:
            both = "ada@example.com", "bob@example.com"
            tasks = BackgroundTasks(BackgroundTask(send_email, to) for to in both)
            tasks.add_task(write_log, "registered")
            print(tasks, "the last is", tasks.tasks[-1])
            await tasks()


        asyncio.run(main())
        ```

        ```text title="Output"
        <BackgroundTasks: 3 tasks> the last is <BackgroundTask 'write_log'>
        email to ada@example.com
        email to bob@example.com
        log: registered
        ```
    """

    args: tuple[Any, ...] = ()
    used = False
    spared: ClassVar[str] = ""

    def __init__(
        self, tasks: Iterable[BackgroundTask] | None = None, *, max_concurrent: int | None = 1
    ) -> None:
        """Collect tasks.

        Args:
            tasks: Tasks to begin with; more can be added.
            max_concurrent: How many run at a time, `def` and `async def` alike; `1` finishes one
                before it starts the next, `None` is no limit. All `def` tasks of an event loop
                that no runner has share 40 threads.

        Raises:
            TypeError: One of `tasks` is no `BackgroundTask`, or `max_concurrent` no number.
            ValueError: `max_concurrent` is 0 or less.
        """
        self.max_concurrent = _checked_limit(max_concurrent)
        self.followers: list[Follower] = []
        self.entries = Entries()
        self.entries.followers = self.followers
        self.sealed = SEALED
        if isinstance(tasks, BackgroundTask):
            raise TypeError("tasks= takes a list, got one task: write BackgroundTasks([task])")
        if tasks is not None and not isinstance(tasks, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(
                f"tasks= takes a list of tasks, got an object of type {type(tasks).__name__!r}: "
                "write BackgroundTasks([BackgroundTask(function, ...)])"
            )
        for task in tasks or ():
            self.add(task)

    if TYPE_CHECKING:
        # As the frameworks' own classes have it.
        tasks: list[BackgroundTask]
    else:

        @property
        def tasks(self) -> list[BackgroundTask]:
            """The tasks, in the order added."""
            return self.entries

        @tasks.setter
        def tasks(self, value: Iterable[object]) -> None:
            if value is not self.entries:  # it is after `tasks += [...]`
                self.entries = entries_of(value, self.followers)
                self.entries.notify()

    @property
    def func(self) -> Callable[..., Any]:
        """The group itself: what frameworks name when they trace a background task."""
        return self

    @property
    def kwargs(self) -> dict[str, Any]:
        """Always empty."""
        return {}

    @overload
    def add_task(
        self,
        func: Callable[..., Any],
        /,
        *args: Any,
        retry_policy: RetryPolicy | None,
        **kwargs: Any,
    ) -> BackgroundTask: ...

    @overload
    def add_task(
        self, func: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs
    ) -> BackgroundTask: ...

    def add_task(self, func: Callable[..., Any], /, *args: Any, **kwargs: Any) -> BackgroundTask:
        """Add a function with its arguments.

        Args:
            func: What to call; everything that `BackgroundTask` takes.
            *args: Its positional arguments.
            **kwargs: Its keyword arguments, except `retry_policy`, which is the task's own.

        Returns:
            The task that was added.

        Raises:
            TypeError: The arguments do not fit, or `func` is no function.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTasks, RetryPolicy


            async def notify(user: str, *, urgent: bool) -> None:
                print("notified", user, urgent)


            tasks = BackgroundTasks()
            policy = RetryPolicy(max_retries=2)
            print(tasks.add_task(notify, "ada", urgent=True, retry_policy=policy))
            asyncio.run(tasks())
            ```

            ```text title="Output"
            <BackgroundTask 'notify'>
            notified ada True
            ```
        """
        policy = kwargs.pop("retry_policy", None)
        try:
            task = BackgroundTask(func, *args, **kwargs)
        except TypeError as error:
            if policy is not None and "'retry_policy'" in str(error):
                raise _reserved(func) from None
            raise
        task.used = True  # also if it is refused: then nothing was thrown away
        if policy is not None:
            task.options = task.options.updated(retry_policy=policy)
        return self.add(task)

    def add(self, task: BackgroundTask, *rest: Never, **more: Never) -> BackgroundTask:
        """Add a task that is already built.

        Args:
            task: A `BackgroundTask`, with its options.
            *rest: Nothing; a function with its arguments is for `add_task()`.
            **more: Nothing.

        Returns:
            The same task.

        Raises:
            TypeError: It is something else.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTask, BackgroundTasks

            tasks = BackgroundTasks()
            tasks.add(BackgroundTask(print, "hello").with_options(name="greet", timeout=5.0))
            asyncio.run(tasks())
            ```

            ```text title="Output"
            hello
            ```
        """
        _check_task(task, *rest, *more)
        task.used = True
        _append(self.entries, task)
        if self.followers:
            self.entries.notify()
        return task

    async def __call__(self, *, continue_on_error: bool = True) -> None:
        """Run all tasks, as frameworks do after the response.

        In a request under `PostludeMiddleware` it does not wait: the group runs after the response,
        once however often it is called there. A pipeline runs at once all the same.

        Args:
            continue_on_error: `True`: every task is run and no error is raised, only logged.
                `False`: a pipeline, one after another whatever `max_concurrent` says; the first
                failure stops the rest.

        Raises:
            TaskFailed: In a pipeline; its `__cause__` is the original error.
        """
        self.used = True
        request = open_request.get()
        if continue_on_error and request is not None and request.hold(self):
            return
        if continue_on_error and diversions:
            await diversions[-1].attached(self.entries)
            return
        if not continue_on_error:
            await self.run_all(continue_on_error=False)
        elif self.max_concurrent == 1:
            await attend_in_turn(self.entries)
        else:
            await self._run_crew(sends=True)

    async def run_all(self, *, continue_on_error: bool = True) -> list[Outcome]:
        """Run all tasks here and now, and say what became of each.

        Args:
            continue_on_error: As in a call of the group.

        Returns:
            One outcome per task, in the order added.

        Raises:
            TaskFailed: In a pipeline; its `outcomes` hold what would have been returned.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTasks


            async def double(number: int) -> int:
                await asyncio.sleep(0.01 / number)
                return 2 * number


            async def main() -> None:
                tasks = BackgroundTasks(max_concurrent=3)
                for number in (1, 2, 3):
                    tasks.add_task(double, number)
                print([outcome.value for outcome in await tasks.run_all()])


            asyncio.run(main())
            ```

            ```text title="Output"
            [2, 4, 6]
            ```
        """
        self.used = True
        if not continue_on_error:
            return await _run_pipeline(self.entries)
        if self.max_concurrent == 1:
            return _outcomes(await in_turn(self.entries))
        return await self._run_crew(sends=False)

    async def execute_all(self) -> list[Outcome]:
        """Run all tasks; the same as `run_all()`, which raises no task's error either.

        Returns:
            One outcome per task, in the order added.

        Example:
            ```python
            import asyncio
            import logging

            from postlude import BackgroundTasks

            logging.getLogger("postlude").disabled = True  # the failure is logged as well

            tasks = BackgroundTasks()
            tasks.add_task(int, "seven")
            tasks.add_task(int, "8")
            for outcome in asyncio.run(tasks.execute_all()):
                print(outcome.name, type(outcome).__name__)
            ```

            ```text title="Output"
            int Failed
            int Succeeded
            ```
        """
        return await self.run_all()

    async def _run_crew(self, *, sends: bool) -> list[Outcome]:
        crew = Crew(self.entries, self.max_concurrent, sends=sends)
        self.followers.append(crew)
        try:
            return _outcomes(await crew.run())
        finally:
            self.followers.remove(crew)

    def renewed(self) -> Self:
        """A copy with the context variables of now, for one request among many."""
        self.used = True
        group = object.__new__(type(self))
        group.max_concurrent = self.max_concurrent
        group.followers = []
        group.sealed = SEALED
        group.entries = Entries([task.renewed() for task in self.entries])
        group.entries.followers = group.followers
        for task in group.entries:
            task.used = True
        return group

    def __deepcopy__(self, memo: object) -> Self:
        """The same group: frameworks copy their handlers, and what hangs on them is shared."""
        return self

    def __repr__(self) -> str:
        count = len(self.entries)
        return f"<{type(self).__name__}: {count} task{'' if count == 1 else 's'}>"

    def __del__(self) -> None:
        if not self.used and not sys.is_finalizing() and getattr(self, "entries", None):
            names = ", ".join(repr(task.name) for task in self.entries)
            warn_never_run(f"group of {names}", self.spared)


async def _run_pipeline(tasks: list[BackgroundTask]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    before, begun = cancellations(), 0
    try:
        while begun < len(tasks):
            execution, begun = Execution(tasks[begun]), begun + 1
            outcome = await execution.finish()
            outcomes.append(outcome)
            if not isinstance(outcome, Succeeded):
                break
            if begun < len(tasks):
                await stop_if_cancelled(before)
        else:
            return outcomes
        await stop_if_cancelled(before)
    except BaseException as error:
        lose(tasks[begun:], error)
        raise
    rest = [Execution(task) for task in tasks[begun:]]
    outcomes += [task.cancel(f"task {outcome.name!r} failed before it") for task in rest]
    raise _stopped(outcome, outcomes, len(rest)) from _cause(outcome)


def _stopped(outcome: Outcome, outcomes: list[Outcome], left: int) -> TaskFailed:
    were = "1 task after it was" if left == 1 else f"{left} tasks after it were"
    rest = f", {were} not started" if left else ""
    return TaskFailed(f"task {outcome.name!r} failed{rest}", outcomes)


def _cause(outcome: Outcome) -> BaseException | None:
    if isinstance(outcome, TimedOut):
        return TimeoutError(f"task {outcome.name!r} exceeded its {outcome.timeout:g} s")
    return outcome.error if isinstance(outcome, Failed) else None


def _outcomes(executions: list[Execution]) -> list[Outcome]:
    return [execution.outcome for execution in executions if execution.outcome is not None]


def _reserved(func: object) -> TypeError:
    name = name_of(func)
    return TypeError(
        f"{name}() wants an argument 'retry_policy', which add_task() keeps for the task itself: "
        f"write add(BackgroundTask({name}, ..., retry_policy=...))"
    )


def _check_task(task: object, *rest: object) -> None:
    if rest:
        name = name_of(task) if callable(task) else "the function"
        raise TypeError(
            f"add() takes one BackgroundTask and nothing more: write add_task({name}, ...) "
            "with the arguments after it"
        )
    if not isinstance(task, BackgroundTask):
        raise TypeError(
            f"a group takes BackgroundTask objects, got an object of type "
            f"{type(task).__name__!r}: write add(BackgroundTask(function, ...)) "
            "or add_task(function, ...)"
        )


def _checked_limit(value: object) -> int | None:
    if value is None:
        return None
    if type(value) is not int:
        raise TypeError(f"max_concurrent={value!r} must be a whole number, or None for no limit")
    if value < 1:
        raise ValueError(f"max_concurrent={value} must be 1 or more; None is no limit")
    return value
