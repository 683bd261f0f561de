"""Tasks in a SQLite file: durable, for all processes of one machine."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postlude._clock import clock
from postlude._options import checked_seconds, checked_text
from postlude._status import TaskState, TaskStatus
from postlude.errors import NotDispatchable
from postlude.queue import _sqlite_letters
from postlude.queue._sqlite_file import File
from postlude.queue._sqlite_lists import STATE, Open, Query, state_of, status_of, task_of
from postlude.queue._sqlite_moves import Cancel, Put, Release, Renew, Settle
from postlude.queue._sqlite_take import Take, Terms
from postlude.queue._sqlite_watch import Look
from postlude.queue._sqlite_writer import Writer

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from types import TracebackType
    from typing import Self

    from postlude._message import Message
    from postlude._outcome import Outcome
    from postlude._redelivery import Again
    from postlude.protocols import Claim
    from postlude.queue._sqlite_letters import DeadLetter
    from postlude.queue._sqlite_lists import StoredTask
    from postlude.queue._sqlite_order import Order

DEFAULT_QUEUE = "default"
_SYNCHRONOUS = ("FULL", "NORMAL")


class SQLiteStore:
    """Tasks in a SQLite file."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        lease: float | timedelta = 30.0,
        synchronous: str = "FULL",
        retention: float | timedelta = timedelta(days=7),
        max_crashes: int = 3,
        timeout: float | timedelta = 5.0,
    ) -> None:
        """Prepare; nothing is opened before the first use."""
        self._lease = checked_seconds("lease", lease, without="for 30 seconds")
        self._file = File(_checked_path(path), synchronous=_checked_synchronous(synchronous))
        self._timeout = checked_seconds("timeout", timeout, without="for 5 seconds")
        self._terms = Terms(
            lease=self._lease,
            max_crashes=_checked_crashes(max_crashes),
            retention=checked_seconds("retention", retention, without="for 7 days"),
        )
        self._users = 0
        self._writer = Writer(self._file, timeout=self._timeout)

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return "sqlite"

    @property
    def path(self) -> Path:
        """Where its file is."""
        return self._file.path

    @property
    def lease(self) -> float:
        """Seconds after which a claim that nobody renews is another worker's to take."""
        return self._lease

    async def __aenter__(self) -> Self:
        await self._send(Open())
        self._users += 1
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._users -= 1
        if not self._users:
            await self.close()

    async def close(self) -> None:
        """Finish what was ordered, and close the file; the next use opens it again."""
        writer, self._writer = self._writer, Writer(self._file, timeout=self._timeout)
        await writer.stop()

    async def submit(self, message: Message) -> str:
        """Store a task; once it returns, the task is on disk."""
        for text in (message.id, message.name, message.queue):
            _check_storable(text, message)
        await self._send(Put(message, queue=message.queue or DEFAULT_QUEUE))
        return message.id

    async def status(self, task_id: str) -> TaskState:
        """How a task stands."""
        rows = await self._send(Query(f"{STATE} WHERE id = ?", (task_id,)))
        if not rows:
            return TaskState(task_id=task_id, status=TaskStatus.UNKNOWN)
        return state_of(rows[0])

    async def cancel(self, task_id: str) -> bool:
        """End a task that waits."""
        return bool(await self._send(Cancel(task_id)))

    async def claim(
        self, *, worker: str, queue: str, types: Collection[str] | None = None, limit: int = 1
    ) -> Sequence[Claim]:
        """Take up to `limit` tasks that are due."""
        order = Take(self._terms, worker=worker, queue=queue, types=types, limit=limit)
        claims: list[Claim] = await self._send(order)
        return claims

    async def renew(self, claims: Collection[Claim]) -> Collection[Claim]:
        """Begin the lease of claims anew."""
        if not claims:
            return []
        lost: list[Claim] = await self._send(Renew(claims, self._lease))
        return lost

    async def settle(self, results: Sequence[tuple[Claim, Outcome | Again]]) -> Collection[Claim]:
        """Note what became of attempts."""
        orders = [Settle(claim, outcome) for claim, outcome in results]
        await self._send_all(orders)
        pairs = zip(results, orders, strict=True)
        return [claim for (claim, _), order in pairs if not order.result]

    async def release(self, claims: Collection[Claim]) -> None:
        """Give tasks back that were not done."""
        if claims:
            await self._send(Release(claims))

    async def wait(
        self, *, queue: str, types: Collection[str] | None = None, patience: float
    ) -> None:
        """Return when there may be something to claim, or so many seconds have passed."""
        look = Look(queue, types)
        alarm = clock().call_at(clock().now() + patience, look.alarm.set)
        try:
            await self._send(look)
        finally:
            alarm.cancel()
            look.is_abandoned = True

    async def count(self, *, queue: str) -> int:
        """How many tasks wait in a queue."""
        rows = await self._send(
            Query("SELECT count(*) FROM tasks WHERE state IN (0, 1) AND queue = ?", (queue,))
        )
        return int(rows[0][0])

    async def counts(self, *, queue: str | None = None) -> dict[TaskStatus, int]:
        """How many tasks the file has, by status."""
        where, values = ("", ()) if queue is None else ("WHERE queue = ?", (queue,))
        rows = await self._send(Query(_COUNTS.format(where=where), values))
        counts: dict[TaskStatus, int] = {
            status: 0 for status in TaskStatus if status is not TaskStatus.UNKNOWN
        }
        for state, before, number in rows:
            counts[status_of(state, before)] += number
        return counts

    async def tasks(
        self,
        *,
        status: TaskStatus | str | None = None,
        queue: str | None = None,
        limit: int = 100,
    ) -> list[StoredTask]:
        """A list of tasks, the newest first."""
        conditions, values = ["true"], list[Any]()
        if status is not None:
            conditions.append(_WITH[TaskStatus(status)])
        if queue is not None:
            conditions.append("queue = ?")
            values.append(queue)
        statement = f"{STATE} WHERE {' AND '.join(conditions)} ORDER BY seq DESC LIMIT ?"
        return [task_of(row) for row in await self._send(Query(statement, (*values, limit)))]

    async def task(self, task_id: str) -> StoredTask | None:
        """All that is known of a task, its message included; `None` if it is not known."""
        rows = await self._send(Query(f"{STATE} WHERE id = ?", (task_id,)))
        return task_of(rows[0]) if rows else None

    async def dead_letters(self, queue: str | None = None) -> list[DeadLetter]:
        """The tasks that failed for good, the oldest first."""
        rows = await self._send(_sqlite_letters.listing(queue))
        return [_sqlite_letters.letter_of(row, self._send) for row in rows]

    async def _send(self, order: Order) -> Any:
        await self._send_all([order])
        return order.result

    async def _send_all(self, orders: Sequence[Order]) -> None:
        sent = [(order, self._sent(order)) for order in orders]
        try:
            for order in orders:
                await order.alarm.wait()
        except BaseException:
            for order, writer in sent:
                writer.abandon(order)
            raise
        for order in orders:
            if order.error is not None:
                raise order.error

    def _sent(self, order: Order) -> Writer:
        while not (writer := self._writer).send(order):
            pass  # it was stopped a moment ago, and there is another one
        return writer

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self.path)!r}>"


_COUNTS = """
SELECT state, failures + crashes > 0, count(*) FROM tasks {where}
GROUP BY state, failures + crashes > 0
"""
_WITH = {
    TaskStatus.PENDING: "state IN (0, 1) AND failures + crashes = 0",
    TaskStatus.RETRYING: "state IN (0, 1) AND failures + crashes > 0",
    TaskStatus.RUNNING: "state = 2",
    TaskStatus.SUCCEEDED: "state = 3",
    TaskStatus.FAILED: "state = 4",
    TaskStatus.TIMED_OUT: "state = 5",
    TaskStatus.CANCELLED: "state = 6",
    TaskStatus.UNKNOWN: "false",
}


def _check_storable(text: str | None, message: Message) -> None:
    if text is None or text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotDispatchable(
            f"task {message.name!r}: {text!r} cannot be stored as text: {error.reason}"
        ) from None


def _checked_path(path: object) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path={path!r} must be the path of a file, such as 'tasks.db'")
    text = os.fspath(path)
    if not isinstance(text, str):
        raise TypeError(f"path={path!r} must be a text, not bytes")
    checked_text("path", text)
    if text == ":memory:":
        raise ValueError("path=':memory:' would keep nothing: use a TaskQueue without a store")
    return Path(text)


def _checked_synchronous(synchronous: object) -> str:
    if synchronous not in _SYNCHRONOUS:
        raise ValueError(f"synchronous={synchronous!r} must be 'FULL' or 'NORMAL'")
    return str(synchronous)


def _checked_crashes(number: object) -> int:
    if type(number) is not int:
        raise TypeError(f"max_crashes={number!r} must be a whole number")
    if number < 1:
        raise ValueError(f"max_crashes={number} must be 1 or more")
    return number
