"""Every error that postlude raises on its own behalf.

The tree, with the builtin that each class also is:

    PostludeError (Exception)
    ├── TaskFailed (RuntimeError)         a pipeline stopped at a task that failed
    ├── QueueFull (RuntimeError)          as many tasks wait as may
    ├── RunnerClosed (RuntimeError)       a runner was not started, or is shutting down
    ├── QueueClosed (RuntimeError)        a queue takes no more tasks
    ├── NoActiveRequest (LookupError)     no request is open where one is asked for
    ├── NotDispatchable (TypeError)       a task cannot leave the process
    ├── EngineUnavailable (ConnectionError)  an engine is down, or a disk full
    ├── MessageRefused (ValueError)       a worker was sent something that is no task of its own
    ├── StoreUnusable (RuntimeError)      a store's file is damaged, or of a newer release
    ├── RemoteError (RuntimeError)        the error of a task that ran elsewhere, as text
    └── MissingDependency (ImportError)   an extra is not installed

A mistake in a call (a wrong argument, a number out of range) is a plain `TypeError` or
`ValueError`, raised at the line that makes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from postlude._outcome import Outcome


class PostludeError(Exception):
    """The root of the tree: catch it to catch whatever postlude raises on its own behalf.

    Example:
        ```python
        from postlude import MissingDependency, PostludeError, TaskFailed

        print(issubclass(TaskFailed, PostludeError), issubclass(TaskFailed, RuntimeError))
        print(issubclass(MissingDependency, PostludeError))
        ```

        ```text title="Output"
        True True
        True
        ```
    """


class TaskFailed(PostludeError, RuntimeError):
    """A pipeline stopped because one of its tasks failed.

    `__cause__` is the original error (a `TimeoutError` if the task ran out of time).

    Attributes:
        outcomes: What became of every task of the group, in the order they were added. The
            tasks after the failed one are `Cancelled`.

    Example:
        ```python
        import asyncio
        import logging

        from postlude import BackgroundTasks, TaskFailed

        logging.getLogger("postlude").disabled = True  # the failure is logged as well


        async def charge(amount: int) -> None:
            raise ValueError("card expired")


        async def ship(order: str) -> None:
            print("shipped", order)


        async def main() -> None:
            tasks = BackgroundTasks()
            tasks.add_task(charge, 10)
            tasks.add_task(ship, "A-1")
            try:
                await tasks(continue_on_error=False)
            except TaskFailed as failure:
                print(failure)
                print(repr(failure.__cause__))
                print([type(outcome).__name__ for outcome in failure.outcomes])


        asyncio.run(main())
        ```

        ```text title="Output"
        task 'charge' failed, 1 task after it was not started
        ValueError('card expired')
        ['Failed', 'Cancelled']
        ```
    """

    def __init__(self, message: str, outcomes: Sequence[Outcome] = ()) -> None:
        """Hold the message and the outcomes.

        Args:
            message: What happened, with the task's name.
            outcomes: One per task of the group, in the order they were added.
        """
        super().__init__(message)
        self.outcomes: tuple[Outcome, ...] = tuple(outcomes)


class QueueFull(PostludeError, RuntimeError):
    """As many tasks wait as may; this one was not taken.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, QueueFull, TaskRunner


        async def main() -> None:
            async with TaskRunner(max_pending=1) as runner:
                runner.submit(BackgroundTask(asyncio.sleep, 0))
                try:
                    runner.submit(BackgroundTask(asyncio.sleep, 0))
                except QueueFull as error:
                    print(error)


        asyncio.run(main())
        ```

        ```text title="Output"
        1 task waits already, which is the runner's max_pending: ...
        ```
    """


class RunnerClosed(PostludeError, RuntimeError):
    """A runner takes no task: it was never started, or is shutting down.

    Example:
        ```python
        from postlude import BackgroundTask, RunnerClosed, TaskRunner

        try:
            TaskRunner().submit(BackgroundTask(print, "hello"))
        except RunnerClosed as error:
            print(error)
        ```

        ```text title="Output"
        the runner takes no task: it was never started. Use `async with runner:`
        ```
    """


class QueueClosed(PostludeError, RuntimeError):
    """A queue takes no more tasks: it was closed.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, QueueClosed, TaskQueue

        queue = TaskQueue()
        asyncio.run(queue.close())
        try:
            queue.put_nowait(BackgroundTask(print, "late"))
        except QueueClosed as error:
            print(error)
        ```

        ```text title="Output"
        queue 'default' takes no more tasks: it is closed
        ```
    """


class NoActiveRequest(PostludeError, LookupError):
    """`current_tasks()` was called where no request is open.

    Example:
        ```python
        from postlude import NoActiveRequest, current_tasks

        try:
            current_tasks()
        except NoActiveRequest as error:
            print(error)
        ```

        ```text title="Output"
        no request is open here: ...
        ```
    """


class NotDispatchable(PostludeError, TypeError):
    """A task cannot leave the process: its function is not marked, or an argument no JSON.

    It is raised where the task is handed over, before anything is sent.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, NotDispatchable, SQLiteStore


        def send_email(to: str) -> None:
            print("email to", to)


        async def main() -> None:
            async with SQLiteStore("tasks.db") as store:
                task = BackgroundTask(send_email, "ada@example.com")
                try:
                    await task.with_options(engine=store).submit()
                except NotDispatchable as error:
                    print(error)


        asyncio.run(main())
        ```

        ```text title="Output"
        send_email() is not marked, so that no worker would run it: write @task above ...
        ```
    """


class EngineUnavailable(PostludeError, ConnectionError):
    """A store or an engine could not take a task, or does not answer: broker down, disk full.

    Nothing was accepted. An endpoint answers 503, so that its client tries again.

    Example:
        ```python
        from postlude import EngineUnavailable

        print(issubclass(EngineUnavailable, ConnectionError))
        ```

        ```text title="Output"
        True
        ```
    """


class MessageRefused(PostludeError, ValueError):
    """A worker was sent something that is no task of its own: it goes on, and the message does not.

    The name of a function that it does not know, arguments that do not fit, a newer version, or
    no message at all.

    Example:
        ```python
        from postlude import MessageRefused, PostludeError

        print(issubclass(MessageRefused, PostludeError))
        ```

        ```text title="Output"
        True
        ```
    """


class StoreUnusable(PostludeError, RuntimeError):
    """A store's file cannot be used: it is damaged, no store, or written by a newer release.

    Example:
        ```python
        import asyncio
        from pathlib import Path

        from postlude import SQLiteStore, StoreUnusable

        Path("notes.txt").write_text("buy milk " * 200)


        async def main() -> None:
            try:
                async with SQLiteStore("notes.txt"):
                    pass
            except StoreUnusable as error:
                print(error)


        asyncio.run(main())
        ```

        ```text title="Output"
        'notes.txt' is no SQLite database: ...
        ```
    """


class RemoteError(PostludeError, RuntimeError):
    """The error of a task that ran in another process, as text, or that nothing is known of one.

    Example:
        ```python
        from postlude import RemoteError

        print(RemoteError("ValueError: no such address"))
        ```

        ```text title="Output"
        ValueError: no such address
        ```
    """


class MissingDependency(PostludeError, ImportError):
    """A part of postlude needs a package that is not installed.

    The message holds the command that installs it.

    Example:
        ```python
        from postlude import MissingDependency

        error = MissingDependency("fastapi", extra="fastapi")
        print(error)
        ```

        ```text title="Output"
        fastapi is not installed. Install it with: pip install "postlude[fastapi]"
        ```
    """

    def __init__(self, package: str, *, extra: str) -> None:
        """Name the package and the extra that brings it.

        Args:
            package: The import name that was not found.
            extra: The extra of postlude that installs it.
        """
        super().__init__(
            f'{package} is not installed. Install it with: pip install "postlude[{extra}]"',
            name=package,
        )
