"""Tasks that will not be tried again by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from postlude.queue._sqlite_lists import Query, message_of, status_of, when
from postlude.queue._sqlite_order import Order

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime
    from typing import Self

    from postlude._message import Message
    from postlude._status import TaskStatus
    from postlude.queue._sqlite_order import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A task that failed for good, took its workers with it, or is none that can be read.

    Attributes:
        task_id: Its id.
        name: Its name.
        queue: The queue it was in.
        status: `failed` or `timed_out`.
        error: The last error as text.
        failures: How many attempts failed.
        crashes: How many workers were lost with it.
        enqueued_at: When it was put.
        died_at: When it came here.
        message: The task, with its arguments; `None` if it cannot be read.

    Example:
        ```python
        import asyncio

        from postlude import Failed, Message, SQLiteStore


        async def main() -> None:
            async with SQLiteStore("tasks.db") as store:
                await store.submit(Message("orders.bill", (7,), id="bill-7", name="bill"))
                [claim] = await store.claim(worker="w1", queue="default")
                outcome = Failed(
                    error=ValueError("no card"),
                    task_id="bill-7",
                    name="bill",
                    attempts=1,
                    duration=0.1,
                )
                await store.settle([(claim, outcome)])

                print(await store.dead_letters(queue="mail"))
                for letter in await store.dead_letters():
                    print(letter.task_id, letter.status, letter.error)
                    print("put", letter.enqueued_at, "died", letter.died_at)
                    if letter.message is not None:
                        print("to be called again with", letter.message.args)
                    print(await letter.retry(), await letter.discard())
                print((await store.status("bill-7")).status)


        asyncio.run(main())
        ```

        ```text title="Output"
        []
        bill-7 failed ValueError: no card
        put 20...+00:00 died 20...+00:00
        to be called again with (7,)
        True False
        pending
        ```
    """

    task_id: str
    name: str
    queue: str
    status: TaskStatus
    error: str
    failures: int
    crashes: int
    enqueued_at: datetime | None
    died_at: datetime | None
    message: Message | None
    _seq: int = field(repr=False)
    _send: Callable[[Order], Awaitable[Any]] = field(repr=False, compare=False)

    async def retry(self) -> bool:
        """Let it wait for its first attempt again, with nothing counted against it.

        Returns:
            Whether it will; `False` if it is no dead letter any more.

        Raises:
            EngineUnavailable: The store's file cannot be written.
        """
        return bool(await self._send(Bury(_RETRY, self._seq, self.task_id)))

    async def discard(self) -> bool:
        """Delete it.

        Returns:
            Whether it was there.

        Raises:
            EngineUnavailable: The store's file cannot be written.
        """
        return bool(await self._send(Bury(_DISCARD, self._seq, self.task_id)))


class Bury(Order):
    """Do something with one dead letter."""

    __slots__ = ("seq", "statement", "task_id")
    rank: ClassVar[int] = 5

    def __init__(self, statement: str, seq: int, task_id: str) -> None:
        """Name it."""
        super().__init__()
        self.statement = statement
        self.seq = seq
        self.task_id = task_id

    @classmethod
    def do(cls, connection: sqlite3.Connection, orders: Sequence[Self], moment: Moment) -> None:
        """The result is whether it was there."""
        for order in orders:
            cursor = connection.execute(order.statement, (order.seq, order.task_id))
            order.result = cursor.rowcount == 1


_RETRY = """
UPDATE tasks SET state = 0, is_dead = 0, failures = 0, crashes = 0, attempts = 0, error = NULL,
    due_at = NULL, started_at = NULL, ended_at = NULL
WHERE seq = ? AND id = ? AND is_dead = 1
"""
_DISCARD = "DELETE FROM tasks WHERE seq = ? AND id = ? AND is_dead = 1"
_LIST = """
SELECT seq, id, name, queue, state, error, CAST(failures AS INTEGER), CAST(crashes AS INTEGER),
    enqueued_at, ended_at, CAST(message AS BLOB)
FROM tasks WHERE is_dead = 1
"""


def listing(queue: str | None) -> Query:
    """The question for all letters, the oldest task first."""
    if queue is None:
        return Query(f"{_LIST} ORDER BY seq")
    return Query(f"{_LIST} AND queue = ? ORDER BY seq", (queue,))


def letter_of(row: Any, send: Callable[[Order], Awaitable[Any]]) -> DeadLetter:
    """A row of the listing as a letter."""
    seq, task_id, name, queue, state, error, failures, crashes, enqueued_at, ended_at, text = row
    return DeadLetter(
        task_id=task_id,
        name=name,
        queue=queue,
        status=status_of(state, 0),
        error=error or "",
        failures=failures,
        crashes=crashes,
        enqueued_at=when(enqueued_at),
        died_at=when(ended_at),
        message=message_of(text),
        _seq=seq,
        _send=send,
    )
