"""What is asked of a store's file and changes nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from postlude._message import Message
from postlude._status import TaskState, TaskStatus
from postlude.errors import MessageRefused
from postlude.queue._sqlite_order import Order
from postlude.queue._sqlite_schema import (
    CANCELLED,
    DELAYED,
    FAILED,
    READY,
    RUNNING,
    SUCCEEDED,
    TIMED_OUT,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from typing import Self

    from postlude.queue._sqlite_order import Moment

_OTHERS = {
    RUNNING: TaskStatus.RUNNING,
    SUCCEEDED: TaskStatus.SUCCEEDED,
    FAILED: TaskStatus.FAILED,
    TIMED_OUT: TaskStatus.TIMED_OUT,
    CANCELLED: TaskStatus.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTask(TaskState):
    """A task in a list: its state, and what it is.

    Attributes:
        name: The task's name.
        queue: The queue it is in.
        priority: Higher goes first.
        worker: Who had it last.
        due_at: When it is due, if that is later than now.
        message: The task, with its arguments; `None` if it cannot be read.
    """

    name: str
    queue: str
    priority: int
    worker: str | None = None
    due_at: datetime | None = None
    message: Message | None = field(default=None, repr=False)


class Open(Order):
    """Find out whether the file can be used."""

    __slots__ = ()
    is_reading: ClassVar[bool] = True

    @classmethod
    def do(cls, connection: sqlite3.Connection, orders: Sequence[Self], moment: Moment) -> None:
        """The connection is there."""


class Query(Order):
    """A question; the result is the rows."""

    __slots__ = ("statement", "values")
    is_reading: ClassVar[bool] = True

    def __init__(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Hold it."""
        super().__init__()
        self.statement = statement
        self.values = values

    @classmethod
    def do(cls, connection: sqlite3.Connection, orders: Sequence[Self], moment: Moment) -> None:
        """Each for itself."""
        for order in orders:
            order.result = connection.execute(order.statement, order.values).fetchall()


# Whatever somebody else has written into a row, numbers are numbers.
STATE = """
SELECT id, CAST(state AS INTEGER), CAST(failures AS INTEGER), CAST(crashes AS INTEGER),
    CAST(attempts AS INTEGER), error, result, enqueued_at, started_at, ended_at,
    name, queue, CAST(priority AS INTEGER), worker, due_at, CAST(message AS BLOB)
FROM tasks
"""


def state_of(row: Any) -> TaskState:
    """A row of `STATE` as a task's state."""
    return TaskState(**_facts(row))


def task_of(row: Any) -> StoredTask:
    """A row of `STATE` as an entry of a list."""
    name, queue, priority, worker, due_at, text = row[10:]
    return StoredTask(
        **_facts(row),
        name=name,
        queue=queue,
        priority=priority,
        worker=worker,
        due_at=when(due_at),
        message=message_of(text),
    )


def message_of(text: Any) -> Message | None:
    """A stored message; `None` if it is none."""
    try:
        return Message.decode(text)
    except (MessageRefused, TypeError):
        return None


def when(seconds: object) -> datetime | None:
    """Seconds since 1970 as a time."""
    if not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):  # a delay of a million years
        return datetime.max.replace(tzinfo=UTC)


def status_of(state: int, before: int) -> TaskStatus:
    """The status of a stored state, after so many attempts."""
    if state in (READY, DELAYED):
        return TaskStatus.RETRYING if before else TaskStatus.PENDING
    return _OTHERS.get(state, TaskStatus.UNKNOWN)


def _facts(row: Any) -> dict[str, Any]:
    task_id, state, failures, crashes, attempts, error, result = row[:7]
    enqueued_at, started_at, ended_at = row[7:10]
    before = failures + crashes
    return {
        "task_id": task_id,
        "status": status_of(state, before),
        "result": _from_json(result),
        "error": error,
        "attempts": attempts if state > RUNNING else before + (state == RUNNING),
        "enqueued_at": when(enqueued_at),
        "started_at": when(started_at),
        "ended_at": when(ended_at),
    }


def _from_json(text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None


def counting(queue: str | None) -> Query:
    """The question for how many tasks there are: rows of state, whether tried before, number.

    Each part is answered by the index of its state.
    """
    where, values = ("", ()) if queue is None else ("AND queue = ?", (queue,))
    tried = "failures + crashes > 0"
    parts = (
        ("ready", tried, "state = 0"),
        ("delayed", tried, "state = 1"),
        ("running", "1", "state = 2"),
        ("ended", "1", "state > 2 AND is_dead = 0"),
        ("dead", "1", "is_dead = 1"),
    )
    statement = " UNION ALL ".join(
        f"SELECT state, {before}, count(*) FROM tasks INDEXED BY {index} "
        f"WHERE {condition} {where} GROUP BY 1, 2"
        for index, before, condition in parts
    )
    return Query(statement, values * len(parts))
