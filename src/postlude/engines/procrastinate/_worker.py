"""The side of procrastinate's workers: attempts, and what becomes of those of lost workers."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from postlude._delivery import Delivery
from postlude._foreign import in_words, logger, read, refuse
from postlude._room import Room
from postlude._status import TaskStatus
from postlude._verdict import Verdict
from postlude.engines.procrastinate import _table as sql
from postlude.errors import MessageRefused, RemoteError
from procrastinate import App, exceptions, job_context
from procrastinate.retry import BaseRetryStrategy, RetryDecision

if TYPE_CHECKING:
    from postlude._message import Message
    from postlude.engines.procrastinate._database import Database
    from procrastinate.jobs import Job

TASK = "postlude.run"
RESCUE = "postlude.rescue"
# The queue of the rescue, which a worker with a list of queues has to name.
QUEUE = "postlude"
# Seconds between two rescues, if `lost_after` is not much less.
_OFTEN = 10


class Worker:
    """Runs the jobs of one application."""

    def __init__(self, database: Database, *, lost_after: float, max_crashes: int) -> None:
        """Hold the settings."""
        self._database = database
        self._lost_after = lost_after
        self._max_crashes = max_crashes
        self._room = Room()

    def join(self, app: App) -> None:
        """Add what runs all tasks, and what takes up those of lost workers; once an application."""
        tasks: Any = vars(app)["tasks"]  # whose type says nothing of results
        if TASK in tasks:
            return

        async def run(
            context: job_context.JobContext,
            /,
            message: object = None,
            suspect: object = False,
            **unknown: object,
        ) -> None:
            async with self._room.place(alone=suspect is True):
                await self._run(context, message)

        async def rescue(timestamp: int) -> None:
            await self._rescue()

        for source in ("worker", "worker.worker", "periodic"):
            logging.getLogger(f"procrastinate.{source}").addFilter(_is_news)
        app.task(name=TASK, pass_context=True, retry=_Strategy())(run)
        every = max(1, min(_OFTEN, int(self._lost_after / 3)))
        periodic = app.periodic(cron=f"* * * * * */{every}")
        periodic(app.task(name=RESCUE, queue=QUEUE, queueing_lock=RESCUE)(rescue))

    async def _run(self, context: job_context.JobContext, text: object) -> None:
        job = context.job
        try:
            message, delivery, attempts = await self._begin(job, text)
        except MessageRefused as error:
            await self._refuse(job, error)
        try:
            outcome = await delivery.make()
        except asyncio.CancelledError:
            await self._interrupted(context, attempts)
            raise
        verdict = Verdict.of(outcome, message)
        due = await self._settle(job, attempts, verdict)
        if verdict.status is TaskStatus.RETRYING:
            raise _TryAgain(verdict.error, due)
        if verdict.status is not TaskStatus.SUCCEEDED:
            raise RemoteError(f"{verdict.status}: {verdict.error}")

    async def _begin(self, job: Job, text: object) -> tuple[Message, Delivery, int]:
        message = read(text)
        async with self._database.transaction() as connection:
            row = await (await connection.execute(sql.BEGIN, [message.id, job.id])).fetchone()
        if row is None:
            raise MessageRefused(f"a message with the id of another job, {message.id!r}")
        attempts, failures = row
        return message, Delivery(message, failures=failures), attempts

    async def _refuse(self, job: Job, error: MessageRefused) -> NoReturn:
        refuse(error, "procrastinate", f"job {job.id}")
        async with self._database.transaction() as connection:
            await connection.execute(sql.REFUSE, [in_words(error).replace("\0", "\\0"), job.id])
        raise error

    async def _settle(self, job: Job, attempts: int, verdict: Verdict) -> datetime | None:
        values = {
            "status": verdict.status.value,
            "result": verdict.result,
            "error": verdict.error and verdict.error.replace("\0", "\\0"),  # no text to PostgreSQL
            "delay": verdict.delay,
            "job_id": job.id,
            "attempts": attempts,
        }
        async with self._database.transaction() as connection:
            row = await (await connection.execute(sql.SETTLE, values)).fetchone()
        if row is None:
            logger.warning(
                "procrastinate's job %s was given up for lost and is with another worker: this "
                "worker's event loop must have been blocked for more than %g s",
                job.id,
                self._lost_after,
            )
            return None
        due: datetime | None = row[0]
        return due

    async def _interrupted(self, context: job_context.JobContext, attempts: int) -> None:
        if context.abort_reason() is job_context.AbortReason.USER_REQUEST:
            verdict = Verdict(status=TaskStatus.CANCELLED, error="it was aborted")
            await self._settle(context.job, attempts, verdict)
            raise exceptions.JobAborted
        async with self._database.transaction() as connection:
            await connection.execute(sql.RELEASE, [context.job.id, attempts])

    async def _rescue(self) -> None:
        values = {"task": TASK, "after": self._lost_after, "most": self._max_crashes}
        async with self._database.transaction() as connection:
            await connection.execute(sql.ALONE)
            rows = await (await connection.execute(sql.RESCUE, values)).fetchall()
            await connection.execute(sql.TIDY, values | {"task": RESCUE, "queue": QUEUE})
        for job, becomes, crashes in rows:
            level = logging.WARNING if becomes == "todo" else logging.ERROR
            text = "procrastinate's job %s lost its worker (%s so far) and is %r now"
            logger.log(level, text, job, crashes, becomes)


class _TryAgain(Exception):
    """An attempt failed, and procrastinate is to make another."""

    def __init__(self, reason: str | None, due: datetime | None) -> None:
        super().__init__(reason)
        self.due = due


def _is_news(record: logging.LogRecord) -> bool:
    """Whether procrastinate's log is to say it: not that a rescue came and went, every few seconds.

    What it says of the end of a task stays, without a traceback: the task's own has been logged.
    """
    if record.exc_info and isinstance(record.exc_info[1], _TryAgain | RemoteError | MessageRefused):
        record.exc_info = None
    return record.levelno > logging.INFO or f"{RESCUE}[" not in record.getMessage()


class _Strategy(BaseRetryStrategy):
    """Does what the verdict says; the policy has been asked by then."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, _TryAgain):
            return RetryDecision(retry_at=exception.due or datetime.now(UTC))
        if isinstance(exception, asyncio.CancelledError):  # the worker stops
            return RetryDecision()
        return None
