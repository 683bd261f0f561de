"""Tasks in a SQLite file: durable, for all processes of one machine."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import anyio
from postlude._clock import clock
from postlude._message import is_text
from postlude._options import checked_seconds
from postlude._status import TaskState, TaskStatus
from postlude.errors import NotDispatchable
from postlude.queue import _sqlite_letters
from postlude.queue._sqlite_file import File
from postlude.queue._sqlite_lists import (
    STATE,
    Open,
    Query,
    counting,
    state_of,
    status_of,
    task_of,
)
from postlude.queue._sqlite_moves import Begin, Cancel, Put, Release, Renew, Settle
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
_ALL = 2**63 - 1
_SYNCHRONOUS = ("FULL", "NORMAL")


class SQLiteStore:
    """Tasks in a SQLite file: all processes of one machine may put them there and take them.

    What `submit` has returned for is on disk, and is run at least once, however its workers end. A
    worker has a task for the length of a lease, which it renews; when it is lost, the lease ends
    and another worker gets the task. That counts as a crash, not as a failure: a task that loses
    `max_crashes` workers has failed. What has failed for good stays as a dead letter until somebody
    retries or discards it.

    Puts, claims and outcomes that come at the same time share one commit, which is made in a
    thread of the store's own. A task that is put again with an id that the file knows, ended or
    not, is not stored again. A result is kept if JSON can write it (a tuple comes back as a list)
    and it is not over a megabyte; otherwise it is `None`.

    `async with store:` opens the file, and closes it at the end; the first use opens it as well,
    and then `await store.close()` closes it. A store may be used from several event loops and
    threads, and survives a fork: parent and child each have their own connection.

    The file must be on a disk of this machine. On a network file system SQLite's locks do not hold
    from one machine to the other, so that tasks would be lost or run twice; where a write-ahead log
    cannot be had at all, opening is refused. For several machines use an engine with a broker.

    Example:
        ```python
        import asyncio

        from postlude import Message, SQLiteStore, Succeeded


        async def main() -> None:
            async with SQLiteStore("tasks.db") as store:
                message = Message("emails.welcome", ("ada",), id="7f3a", name="welcome")
                await store.submit(message)
                print((await store.status("7f3a")).status)

                # What a worker does:
                [claim] = await store.claim(worker="w1", queue="default")
                outcome = Succeeded(
                    value="sent", task_id="7f3a", name="welcome", attempts=1, duration=0.1
                )
                await store.settle([(claim, outcome)])
                state = await store.status("7f3a")
                print(state.status, state.result)


        asyncio.run(main())
        ```

        ```text title="Output"
        pending
        succeeded sent
        ```
    """

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
        """Prepare; nothing is opened before the first use.

        Args:
            path: The file; it is made if it is not there, with two more beside it (`-wal`, `-shm`).
                One that is relative goes by the directory in which the process is now.
            lease: How long a claim lasts that nobody renews, in seconds or as a `timedelta`.
            synchronous: `"FULL"` waits for the disk with each commit. `"NORMAL"` does not: a loss
                of power, unlike one of the process, may take the last tasks with it.
            retention: How long a task that has ended is kept, in seconds or as a `timedelta`;
                dead letters stay.
            max_crashes: After how many lost workers a task has failed.
            timeout: How long to be patient when another program has the file locked.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: A number is out of range, or the path is `:memory:`.

        Example:
            ```python
            import asyncio
            from datetime import timedelta

            from postlude import Message, SQLiteStore

            store = SQLiteStore(
                "tasks.db",
                lease=0.1,
                synchronous="NORMAL",
                retention=timedelta(hours=1),
                max_crashes=1,
            )


            async def main() -> None:
                async with store:
                    await store.submit(Message("images.resize", id="7f3a", name="resize"))
                    claims = await store.claim(worker="w1", queue="default")
                    await store.begin(claims)  # and never a word of w1 again
                    await asyncio.sleep(0.2)
                    print(await store.claim(worker="w2", queue="default"))
                    for letter in await store.dead_letters():
                        print(letter.task_id, letter.status, letter.crashes)


            asyncio.run(main())
            ```

            ```text title="Output"
            []
            7f3a failed 1
            ```
        """
        self._lease = checked_seconds("lease", lease, without="for 30 seconds")
        self._path = _checked_path(path)
        self._place = self._path.absolute()
        self._synchronous = _checked_synchronous(synchronous)
        self._timeout = checked_seconds("timeout", timeout, without="for 5 seconds")
        self._terms = Terms(
            lease=self._lease,
            max_crashes=_checked_crashes(max_crashes),
            retention=checked_seconds("retention", retention, without="for 7 days"),
        )
        self._users = 0
        self._writer = self._new_writer()

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return "sqlite"

    @property
    def path(self) -> Path:
        """Where its file is, as it was named.

        Example:
            ```python
            from postlude import SQLiteStore

            store = SQLiteStore("tasks.db")
            print(store.path, store.path.exists())  # the first use makes it
            ```

            ```text title="Output"
            tasks.db False
            ```
        """
        return self._path

    @property
    def lease(self) -> float:
        """Seconds after which a claim that nobody renews is another worker's to take."""
        return self._lease

    async def __aenter__(self) -> Self:
        self._users += 1
        try:
            await self._send(Open())
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
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
        """Finish what was ordered, and close the file; the next use opens it again.

        Who waits for a task to claim returns as if its patience had ended.
        """
        writer, self._writer = self._writer, self._new_writer()
        with anyio.CancelScope(shield=True):
            await writer.stop()

    async def submit(self, message: Message) -> str:
        """Store a task, unless its id is known; once this returns, the task is on disk.

        If it is cancelled, the task may have been stored all the same.

        Returns:
            The id of the message.

        Raises:
            EngineUnavailable: The file cannot be written: it is locked, or the disk is full.
            NotDispatchable: JSON cannot hold the message, or a file its texts.
            StoreUnusable: The file is damaged, no store, or of a newer release.
        """
        order = Put(message, queue=message.queue or DEFAULT_QUEUE)
        for text in (message.id, message.name, message.queue):
            _check_storable(text, message)
        await self._send(order)
        return message.id

    async def status(self, task_id: str) -> TaskState:
        """How a task stands; `unknown` for an id that is not, or no longer, in the file.

        Raises:
            EngineUnavailable: The file cannot be read.
            StoreUnusable: The file is damaged, no store, or of a newer release.
        """
        found = _findable("task_id", task_id)
        rows = await self._send(Query(f"{STATE} WHERE id = ?", (found,)))
        if not rows:
            return TaskState(task_id=task_id, status=TaskStatus.UNKNOWN)
        return state_of(rows[0])

    async def cancel(self, task_id: str) -> bool:
        """End a task that waits.

        Returns:
            Whether it will not run; `False` if it runs, has ended or is not known.

        Raises:
            EngineUnavailable: The file cannot be written.
        """
        return bool(await self._send(Cancel(_findable("task_id", task_id))))

    async def claim(
        self, *, worker: str, queue: str, types: Collection[str] | None = None, limit: int = 1
    ) -> Sequence[Claim]:
        """Take up to `limit` tasks that are due: the highest priority first, then the oldest.

        What is no task (a message that cannot be read) becomes a dead letter on the way. If this
        is cancelled, what it has taken goes back.

        Args:
            worker: Who takes them, for lists.
            queue: The queue to look in.
            types: The names of tasks to take; by default all.
            limit: How many at most.

        Raises:
            EngineUnavailable: The file cannot be written.
        """
        queue = _findable("queue", queue)
        order = Take(self._terms, worker=worker, queue=queue, types=types, limit=limit)
        claims: list[Claim] = await self._send(order)
        return claims

    async def renew(self, claims: Collection[Claim]) -> Collection[Claim]:
        """Begin the lease of claims anew.

        Returns:
            Those that are lost, since another worker may have the task.

        Raises:
            EngineUnavailable: The file cannot be written.
        """
        if not claims:
            return []
        lost: list[Claim] = await self._send(Renew(claims, self._lease))
        return lost

    async def begin(self, claims: Collection[Claim]) -> Collection[Claim]:
        """Note that tasks which were in a lost worker run from now on, and begin their lease anew.

        Returns:
            Those that are lost, since another worker may have the task.

        Raises:
            EngineUnavailable: The file cannot be written.
        """
        if not claims:
            return []
        lost: list[Claim] = await self._send(Begin(claims, self._lease))
        return lost

    async def settle(self, results: Sequence[tuple[Claim, Outcome | Again]]) -> Collection[Claim]:
        """Note what became of attempts.

        Returns:
            The claims that were lost, of which nothing was noted.

        Raises:
            EngineUnavailable: The file cannot be written.
        """
        if not results:
            return []
        lost: list[Claim] = await self._send(Settle(results))
        return lost

    async def release(self, claims: Collection[Claim]) -> None:
        """Give tasks back that were not done: they wait again, and that counts for nothing.

        Raises:
            EngineUnavailable: The file cannot be written.
        """
        if claims:
            await self._send(Release(claims))

    async def wait(
        self, *, queue: str, types: Collection[str] | None = None, patience: float
    ) -> None:
        """Return when there may be something to claim, or so many seconds have passed.

        What this process puts is noticed at once, what others put within a twentieth of a second.

        Args:
            queue: The queue to look in.
            types: The names of tasks to wait for; by default all.
            patience: Seconds to wait at most.

        Raises:
            EngineUnavailable: The file cannot be read.
        """
        look = Look(_findable("queue", queue), types)
        alarm = clock().call_at(clock().now() + patience, look.ring)
        try:
            await self._send(look)
        finally:
            alarm.cancel()
            look.is_abandoned = True

    async def count(self, *, queue: str) -> int:
        """How many tasks wait in a queue, those that are not due yet included.

        Raises:
            EngineUnavailable: The file cannot be read.
        """
        counts = await self.counts(queue=queue)
        return counts[TaskStatus.PENDING] + counts[TaskStatus.RETRYING]

    async def counts(self, *, queue: str | None = None) -> dict[TaskStatus, int]:
        """How many tasks the file has by status: a number for each, all queues if none is named.

        Raises:
            EngineUnavailable: The file cannot be read.
        """
        found = None if queue is None else _findable("queue", queue)
        rows = await self._send(counting(found))
        counts: dict[TaskStatus, int] = dict.fromkeys(TaskStatus, 0)
        for state, before, number in rows:
            counts[status_of(state, before)] += number
        del counts[TaskStatus.UNKNOWN]
        return counts

    async def tasks(
        self,
        *,
        status: TaskStatus | str | None = None,
        queue: str | None = None,
        limit: int = 100,
    ) -> list[StoredTask]:
        """A list of tasks, the newest first.

        Args:
            status: Only those that stand there.
            queue: Only those of this queue.
            limit: How many at most.

        Raises:
            EngineUnavailable: The file cannot be read.
            TypeError: An argument is of the wrong type.
            ValueError: There is no such status, or the limit is less than 1.

        Example:
            ```python
            import asyncio

            from postlude import Message, SQLiteStore


            async def main() -> None:
                async with SQLiteStore("tasks.db") as store:
                    for number, queue in enumerate(("mail", "mail", "images")):
                        message = Message("run", id=f"t{number}", name="run", queue=queue)
                        await store.submit(message)
                    print([task.task_id for task in await store.tasks(queue="mail")])
                    print([task.task_id for task in await store.tasks(limit=2)])


            asyncio.run(main())
            ```

            ```text title="Output"
            ['t1', 't0']
            ['t2', 't1']
            ```
        """
        conditions, values, most = ["true"], list[Any](), _checked_limit(limit)
        if status is not None:
            conditions.append(_WITH[TaskStatus(status)])
        if queue is not None:
            conditions.append("queue = ?")
            values.append(_findable("queue", queue))
        statement = f"{STATE} WHERE {' AND '.join(conditions)} ORDER BY seq DESC LIMIT ?"
        return [task_of(row) for row in await self._send(Query(statement, (*values, most)))]

    async def task(self, task_id: str) -> StoredTask | None:
        """All that is known of a task, its message included; `None` if it is not known.

        Raises:
            EngineUnavailable: The file cannot be read.
        """
        found = _findable("task_id", task_id)
        rows = await self._send(Query(f"{STATE} WHERE id = ?", (found,)))
        return task_of(rows[0]) if rows else None

    async def dead_letters(self, queue: str | None = None) -> list[DeadLetter]:
        """The tasks that failed for good, the oldest first; of one queue, or of all.

        Raises:
            EngineUnavailable: The file cannot be read.
        """
        found = None if queue is None else _findable("queue", queue)
        rows = await self._send(_sqlite_letters.listing(found))
        return [_sqlite_letters.letter_of(row, self._send) for row in rows]

    def _new_writer(self) -> Writer:
        file = File(self._place, synchronous=self._synchronous, place=str(self._path))
        return Writer(file, timeout=self._timeout)

    async def _send(self, order: Order) -> Any:
        order.bind()
        while not (writer := self._writer).send(order):
            pass  # closed by another thread just now, which has left a new one
        try:
            await order.wait()
        except BaseException:
            writer.abandon(order)
            raise
        if order.error is not None:
            raise order.error
        return order.result

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self.path)!r}>"


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
    if text is not None and "\0" in text:  # where SQLite would cut it off
        raise NotDispatchable(f"task {message.name!r} cannot be stored with the text {text!r}")


def _findable(name: str, value: object) -> str:
    """The value, or a text that no file has in place of one that none can have."""
    if not isinstance(value, str):
        raise TypeError(f"{name}={value!r} must be a string")
    return value if is_text(value) else "\0"


def _checked_limit(limit: object) -> int:
    if type(limit) is not int:
        raise TypeError(f"limit={limit!r} must be a whole number")
    if limit < 1:
        raise ValueError(f"limit={limit} must be 1 or more")
    return min(limit, _ALL)


def _checked_path(path: object) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path={path!r} must be the path of a file, such as 'tasks.db'")
    text = os.fspath(cast("str | os.PathLike[str]", path))
    if not text.strip() or "\0" in text:
        raise ValueError(f"path={text!r} can be no file's: write it as in 'tasks.db'")
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
