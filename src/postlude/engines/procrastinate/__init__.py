"""procrastinate: tasks as jobs in a PostgreSQL database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from postlude._bounded import bounded
from postlude._foreign import can_be_known, check_spans, checked_crashes, in_words
from postlude._options import checked_seconds
from postlude._status import TaskState, TaskStatus
from postlude.errors import EngineUnavailable, MissingDependency, NotDispatchable

try:
    import procrastinate
except ModuleNotFoundError as error:
    raise MissingDependency("procrastinate", extra="procrastinate") from error
try:
    from psycopg import errors as sql_errors
except ModuleNotFoundError as error:
    raise MissingDependency("psycopg", extra="procrastinate") from error

from postlude.engines.procrastinate import _table as sql
from postlude.engines.procrastinate._database import Database
from postlude.engines.procrastinate._worker import TASK, Worker

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import datetime, timedelta
    from typing import TypeVar

    from postlude._message import Message
    from psycopg import AsyncConnection

    T = TypeVar("T")

__all__ = ["ProcrastinateEngine"]

_INT32 = 2**31
_LONGEST_NAME = 128


class ProcrastinateEngine:
    """Has tasks run by the workers of a procrastinate application.

    Construct it where the workers import the application as well, and import the modules of your
    tasks there: it adds one procrastinate task, `postlude.run`, which runs the functions that are
    marked with `@task`, and a periodic one, `postlude.rescue`. That gives the tasks of lost workers
    to others. It has a queue of its own, `postlude`, which a worker that serves only some queues
    has to serve as well.

    Args:
        app: The `procrastinate.App`, with a `PsycopgConnector`.
        timeout: How long to wait for the database, in seconds.
        lost_after: When a worker whose heartbeat stopped is given up, in seconds. procrastinate's
            workers have one every `update_heartbeat_interval` seconds.
        max_crashes: How many workers a task may cost; then it has failed.

    Raises:
        TypeError: `app` is no `App` with a `PsycopgConnector`.
        ValueError: A number is out of range.

    Example:
        ```python
        import asyncio
        import logging

        from postlude import BackgroundTask, EngineUnavailable, task
        from postlude.engines.procrastinate import ProcrastinateEngine
        from procrastinate import App, PsycopgConnector

        logging.disable(logging.WARNING)  # of its connections, and that this is no module
        app = App(connector=PsycopgConnector(conninfo="postgresql://me:secret@localhost:1/shop"))
        engine = ProcrastinateEngine(app, timeout=0.5, max_crashes=5)


        @task(name="emails.welcome")
        async def send_welcome(to: str) -> None:
            print("email to", to)


        async def main() -> None:
            welcome = BackgroundTask(send_welcome, "ada@example.com")
            try:
                await welcome.with_options(engine=engine).submit()
            except EngineUnavailable as error:
                print(error)
            await engine.close()


        asyncio.run(main())
        ```

        ```text title="Output"
        procrastinate at localhost:1/shop is not available: no answer in 0.5 s
        ```
    """

    name = "procrastinate"

    def __init__(
        self,
        app: procrastinate.App,
        *,
        timeout: float | timedelta = 5.0,
        lost_after: float | timedelta = 30.0,
        max_crashes: int = 3,
    ) -> None:
        """Add the task to the application; nothing is connected yet."""
        if not isinstance(app, procrastinate.App) or not isinstance(  # pyright: ignore[reportUnnecessaryIsInstance]
            app.connector, procrastinate.PsycopgConnector
        ):
            raise TypeError(
                f"ProcrastinateEngine({app!r}) takes a procrastinate.App with a PsycopgConnector: "
                "App(connector=PsycopgConnector(conninfo=...))"
            )
        self._app = app
        self._timeout = checked_seconds("timeout", timeout, without="for 5 seconds")
        self._database = Database(app)
        Worker(
            self._database,
            lost_after=checked_seconds("lost_after", lost_after, without="for 30 seconds"),
            max_crashes=checked_crashes(max_crashes),
        ).join(app)

    def __repr__(self) -> str:
        return f"<ProcrastinateEngine {self._database.address}>"

    async def submit(
        self, message: Message, *, connection: AsyncConnection[Any] | None = None
    ) -> str:
        """Insert a job; once it returns, the task is committed.

        Args:
            message: The task.
            connection: One of your own to the same database. Then the task is committed when you
                commit there, and gone if you roll back.

        Returns:
            The id to ask for: `message.id`. An id that is there already is not inserted again.

        Raises:
            EngineUnavailable: The database did not take it in time.
            NotDispatchable: It does not fit into a job, or this is no asyncio.
        """
        _check(message)
        await self._asked(self._insert(message, connection))
        return message.id

    async def status(self, task_id: str) -> TaskState:
        """How a task stands; `unknown` once procrastinate has deleted its job.

        Raises:
            EngineUnavailable: The database does not answer.
        """
        if not _can_be_known(task_id):
            return TaskState(task_id=task_id, status=TaskStatus.UNKNOWN)
        return await self._asked(self._look_up(task_id))

    async def cancel(self, task_id: str) -> bool:
        """End a task that waits.

        Returns:
            Whether it will not run; `False` if it runs, has ended or is not known.

        Raises:
            EngineUnavailable: The database does not answer.
        """
        return _can_be_known(task_id) and await self._asked(self._cancel(task_id))

    async def close(self) -> None:
        """Close the app's connections, for a program that did not open the app itself."""
        await self._app.close_async()

    async def _insert(self, message: Message, theirs: AsyncConnection[Any] | None) -> None:
        async with self._database.transaction(theirs) as connection:
            if theirs is not None:
                # Begins their transaction unless it has, or the next would be all of it.
                await theirs.execute("SELECT")
            try:
                async with connection.transaction():
                    await self._insert_job(message, connection)
            except sql_errors.UniqueViolation:
                pass  # it was stored, and only the answer was lost

    async def _insert_job(self, message: Message, connection: AsyncConnection[Any]) -> None:
        due: datetime | None = None
        if message.delay is not None:
            row = await (await connection.execute(sql.DUE, [message.delay])).fetchone()
            due = row[0] if row else None
        job = await self._app.configure_task(
            TASK,
            queue=message.queue,
            priority=message.priority,
            schedule_at=due,
            connection=connection,
        ).defer_async(message=message.encode())
        await connection.execute(sql.SUBMIT, [message.id, job, due])

    async def _look_up(self, task_id: str) -> TaskState:
        async with self._database.transaction() as connection:
            row = await (await connection.execute(sql.STATUS, [task_id])).fetchone()
        return _state(task_id, row)

    async def _cancel(self, task_id: str) -> bool:
        async with self._database.transaction() as connection:
            row = await (await connection.execute(sql.FIND, [task_id])).fetchone()
            manager = self._app.job_manager
            if row is None or not await manager.cancel_job_by_id_async(
                row[0], connection=connection
            ):
                return False
            await connection.execute(sql.CANCEL, [task_id])
            return True

    async def _asked(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await bounded(work, seconds=self._timeout, engine=self.name)
        except TimeoutError:
            reason = f"no answer in {self._timeout:g} s"
        except self._database.errors as error:
            reason = in_words(error.__cause__ or error).strip()
        raise EngineUnavailable(
            f"procrastinate at {self._database.address} is not available: {reason}"
        )


def _can_be_known(task_id: str) -> bool:
    return can_be_known(task_id) and "\0" not in task_id  # which PostgreSQL has in no text


def _check(message: Message) -> None:
    check_spans(message)
    for text in (message.id, message.queue or ""):
        if "\0" in text:
            raise NotDispatchable(
                f"task {message.name!r} cannot be stored with the text {text!r}: PostgreSQL has no "
                "such character"
            )
    if not -_INT32 <= message.priority < _INT32:
        raise NotDispatchable(
            f"priority={message.priority} of task {message.name!r} is no 32-bit number, which "
            "procrastinate's are"
        )
    if message.queue is not None and len(message.queue) > _LONGEST_NAME:
        raise NotDispatchable(
            f"queue={message.queue!r} of task {message.name!r} is longer than {_LONGEST_NAME} "
            "characters, the most that procrastinate takes"
        )


def _state(task_id: str, row: tuple[Any, ...] | None) -> TaskState:
    if row is None:
        return TaskState(task_id=task_id, status=TaskStatus.UNKNOWN)
    status, result, error, attempts, enqueued_at, started_at, ended_at, job, setbacks = row
    match job:
        case "todo":
            status = TaskStatus.RETRYING if setbacks else TaskStatus.PENDING
        case "doing":
            # What has ended is about to be written down by procrastinate as well.
            status = TaskStatus(status) if ended_at else TaskStatus.RUNNING
        case "succeeded" | "failed" if ended_at:
            status = TaskStatus(status)
        case "succeeded":
            status = TaskStatus.SUCCEEDED
        case "failed":
            status, error = TaskStatus.FAILED, error or "its worker has not said why"
        case _:
            status, error = TaskStatus.CANCELLED, error or "it was cancelled"
    return TaskState(
        task_id=task_id,
        status=status,
        result=None if result is None else json.loads(result),
        error=error,
        attempts=attempts,
        enqueued_at=enqueued_at,
        started_at=started_at,
        ended_at=ended_at,
    )
