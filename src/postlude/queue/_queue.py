"""A bounded line of tasks, for workers to serve."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol, cast

from postlude._clock import clock
from postlude._diversion import diversions
from postlude._events import TaskSubmitted, everyone
from postlude._handle import TaskHandle
from postlude._history import History
from postlude._report import logger
from postlude._waiter import Waiter
from postlude.errors import QueueClosed, QueueFull
from postlude.protocols import checked_store
from postlude.queue._item import Item
from postlude.queue._mapping import task_and_type
from postlude.queue._memory import Backlog
from postlude.queue._shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from postlude._call import Call
    from postlude._job import Job
    from postlude._task import BackgroundTask
    from postlude.protocols import Store
    from postlude.queue._settlement import Settlement
    from postlude.queue._shift import Shift

KEPT = 1000


class Onlooker(Protocol):
    """Who waits for the end of a queue."""

    def look(self) -> None:
        """Something has changed since it was closed; in any thread."""
        ...


class TaskQueue:
    """A bounded line of tasks, in memory, that workers serve.

    Among the tasks that wait, the highest `priority` goes first, and within one priority the one
    that came first. It may be made before any event loop runs, filled from any thread, and served
    by any number of `Worker`s.

    What it holds is gone when the process ends: a `WorkerPool` reports what is left.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, TaskQueue, Worker


        async def send_email(to: str) -> str:
            return f"sent to {to}"


        async def main() -> None:
            queue = TaskQueue()
            handle = await queue.put(BackgroundTask(send_email, "ada@example.com"))
            await queue.put(
                {"type": "greeting", "function": print, "args": ["hello"]}, priority=5
            )
            print(queue.size, handle.status)
            await queue.close()
            await Worker(queue, "worker-1").run()
            print(queue.size, handle.status, handle.outcome.value)


        asyncio.run(main())
        ```

        ```text title="Output"
        2 pending
        hello
        0 succeeded sent to ada@example.com
        ```
    """

    audience = everyone

    def __init__(
        self, max_size: int = 1000, *, name: str = "default", store: Store | None = None
    ) -> None:
        """Open a queue.

        Args:
            max_size: How many tasks may wait; those that run do not count. In a store this is
                about right, since other processes put tasks as well.
            name: What to call it in messages, and in the store.
            store: Where its tasks are kept, such as a `SQLiteStore`; by default in memory. Their
                functions are marked with `@task`.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: `max_size` is 0 or less, or the name is empty.
        """
        if type(max_size) is not int:
            raise TypeError(f"max_size={max_size!r} must be a whole number")
        if max_size < 1:
            raise ValueError(f"max_size={max_size} must be 1 or more")
        self._max_size = max_size
        self._name = checked_name(name)
        self._shelf = None if store is None else Shelf(checked_store(store), self._name, max_size)
        self._is_open = True
        self._lock = threading.RLock()  # an observer may put a task
        self._backlog = Backlog()
        self.history = History(KEPT)
        self._items: dict[Item, None] = {}
        self._shifts: list[Shift] = []
        self.onlookers: list[Onlooker] = []
        self.debtors: list[Settlement] = []
        self._resting: deque[tuple[Collection[str] | None, Waiter]] = deque()
        self._hopeful: deque[Waiter] = deque()
        self._promised = 0
        self._joining: list[Waiter] = []
        self._served: frozenset[str] | None = None
        self._warned: set[str] = set()

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return self._name

    @property
    def size(self) -> int:
        """How many tasks wait now; those that run, or wait for their retry, do not count.

        Of a queue with a store, `await store.count(queue=queue.name)` says it.

        Raises:
            TypeError: The queue has a store, which has to be waited for.
        """
        if self._shelf is not None:
            raise self._has_to_wait("await store.count(queue=queue.name)")
        return self._backlog.size

    @property
    def waiting(self) -> dict[str, int]:
        """How many tasks wait now, by type: also those whose type no worker serves.

        Raises:
            TypeError: The queue has a store, which has to be waited for.

        Example:
            ```python
            from postlude import BackgroundTask, TaskQueue

            queue = TaskQueue()
            queue.put_nowait({"type": "image", "function": print})
            queue.put_nowait({"type": "image", "function": print})
            queue.put_nowait(BackgroundTask(print, "hello").with_options(name="email"))
            print(queue.waiting)
            ```

            ```text title="Output"
            {'image': 2, 'email': 1}
            ```
        """
        if self._shelf is not None:
            raise self._has_to_wait("await store.count(queue=queue.name)")
        counts: dict[str, int] = {}
        with self._lock:
            for item in self._backlog:
                counts[item.kind] = counts.get(item.kind, 0) + 1
        return counts

    async def put(self, task: BackgroundTask | Mapping[str, Any], priority: int = 0) -> TaskHandle:
        """Put a task in line, once there is room for it.

        Who waits for room is served in turn, and a wait that is cancelled leaves nothing behind.

        Args:
            task: A `BackgroundTask`, whose type is its name; or a mapping
                `{"type": str, "function": f, "args": [...], "kwargs": {...}}`, the last two
                optional.
            priority: Higher goes first, as in Django, Procrastinate and RabbitMQ; less than 0 goes
                after everything that has none. By default that of the task.

        Returns:
            A handle to ask how it is, wait for it or cancel it.

        Raises:
            TypeError: It is neither, or the arguments do not fit the function.
            ValueError: A key of the mapping is missing or unknown, or the task names another
                queue or engine.
            QueueClosed: The queue takes no more tasks.
            NotDispatchable: It is to be stored, and cannot.
            EngineUnavailable: The store could not take it.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTask, TaskQueue, Worker, WorkerPool


            async def main() -> None:
                queue = TaskQueue(max_size=1000)
                for _ in range(1000):
                    await queue.put(BackgroundTask(asyncio.sleep, 0))
                late = asyncio.create_task(queue.put(BackgroundTask(print, "the last one")))
                await asyncio.sleep(0.05)
                print(queue.size, "wait, and one more for room:", not late.done())
                async with WorkerPool(Worker(queue, "worker-1")):
                    await (await late).wait()


            asyncio.run(main())
            ```

            ```text title="Output"
            1000 wait, and one more for room: True
            the last one
            ```
        """
        item = self._prepared(task, priority)
        if diversions:
            return await diversions[-1].submitted(self._diverted(item), self)
        if self._shelf is not None:
            return await self._shelf.put(
                item.call, item.kind, item.priority, check=self._check_open
            )
        with self._lock:
            if self._has_room() or not self._is_open:
                return self._admit(item)
            hopeful = Waiter()
            self._hopeful.append(hopeful)
        try:
            await hopeful.wait()
        except BaseException:
            with self._lock:
                if hopeful.woken:
                    self._promised -= 1
                    self._offer_room()
                else:
                    self._hopeful.remove(hopeful)
            raise
        with self._lock:
            self._promised -= 1
            return self._admit(item)

    def put_nowait(self, task: BackgroundTask | Mapping[str, Any], priority: int = 0) -> TaskHandle:
        """Put a task in line at once, from any thread, or say that there is no room.

        Args:
            task: As for `put`.
            priority: As for `put`.

        Returns:
            A handle to ask how it is, wait for it or cancel it.

        Raises:
            QueueFull: `max_size` tasks wait already.
            QueueClosed: The queue takes no more tasks.
            TypeError: The queue has a store, which has to be waited for.

        Example:
            ```python
            from postlude import BackgroundTask, QueueFull, TaskQueue

            queue = TaskQueue(max_size=1, name="emails")
            queue.put_nowait(BackgroundTask(print, "first"), priority=5)
            try:
                queue.put_nowait(BackgroundTask(print, "second"))
            except QueueFull as error:
                print(error)
            ```

            ```text title="Output"
            1 task waits in queue 'emails' already, which is its max_size: ...
            ```
        """
        item = self._prepared(task, priority)
        if diversions:
            return diversions[-1].submitted_now(self._diverted(item), self)
        if self._shelf is not None:
            raise self._has_to_wait("await queue.put(...)")
        with self._lock:
            if self._is_open and not self._has_room():
                waits = "1 task waits" if self._max_size == 1 else f"{self._max_size} tasks wait"
                raise QueueFull(
                    f"{waits} in queue {self._name!r} already, which is its max_size: wait for "
                    "room with `await queue.put(...)`, or answer that the service is busy"
                )
            return self._admit(item)

    def get(self, task_id: str) -> TaskHandle | None:
        """The handle of a task that was put here.

        All tasks that have not ended are known, and the last 1000 that have.

        Args:
            task_id: What `handle.id` said, or `with_options(task_id=...)`.

        Returns:
            A handle, or `None` if the id is not known, any more or at all.

        Raises:
            TypeError: The queue has a store, which has to be waited for.

        Example:
            ```python
            from postlude import BackgroundTask, TaskQueue

            queue = TaskQueue()
            queue.put_nowait(BackgroundTask(print).with_options(task_id="print-1"))
            print(queue.get("print-1"), queue.get("print-2"))
            ```

            ```text title="Output"
            <TaskHandle 'print': pending> None
            ```
        """
        if self._shelf is not None:
            raise self._has_to_wait("await store.status(task_id)")
        item = self.history.get(task_id)
        return None if item is None else TaskHandle(item, self)

    async def join(self) -> None:
        """Wait until every task that was put has ended.

        Of a queue with a store: until none waits there, and none is in the hands of a worker of
        this process. What other processes run may still go on.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTask, TaskQueue, Worker


            async def main() -> None:
                queue = TaskQueue()
                async with asyncio.TaskGroup() as group:
                    group.create_task(Worker(queue, "worker-1").run())
                    for word in ("one", "two"):
                        await queue.put(BackgroundTask(print, word))
                    await queue.join()
                    print("both are done")
                    await queue.close()


            asyncio.run(main())
            ```

            ```text title="Output"
            one
            two
            both are done
            ```
        """
        if self._shelf is not None:
            await self._shelf.join(self._is_busy)
            return
        while self._items:
            waiter = Waiter()
            self._joining.append(waiter)
            if self._items:
                await waiter.wait()

    async def close(self) -> None:
        """Take no more tasks; workers serve what is there, and end when nothing is left for them.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTask, QueueClosed, TaskQueue


            async def main() -> None:
                queue = TaskQueue(name="emails")
                await queue.close()
                try:
                    await queue.put(BackgroundTask(print, "late"))
                except QueueClosed as error:
                    print(error)


            asyncio.run(main())
            ```

            ```text title="Output"
            queue 'emails' takes no more tasks: it is closed
            ```
        """
        self.shut()

    @property
    def is_open(self) -> bool:
        """Whether it takes tasks."""
        return self._is_open

    def __repr__(self) -> str:
        state = "" if self._is_open else ", closed"
        if self._shelf is not None:
            return f"<{type(self).__name__} {self._name!r} in {self._shelf.store!r}{state}>"
        return f"<{type(self).__name__} {self._name!r}: {self.size} of {self._max_size}{state}>"

    # What follows is for workers and their pool.

    @property
    def store(self) -> Store | None:
        """Where its tasks are kept; `None`: in memory."""
        return None if self._shelf is None else self._shelf.store

    def reopen(self) -> None:
        """Take tasks again."""
        self._is_open = True

    def shut(self) -> None:
        """Take no more tasks; from any thread."""
        with self._lock:
            self._is_open = False
            while self._hopeful:
                self._promise()
            self._wake_all()
        self.tell()

    def tell(self) -> None:
        """Once the queue is closed, have all see whether that was all."""
        if not self._is_open:
            for onlooker in (*self._shifts, *self.onlookers):
                onlooker.look()

    def enter(self, shift: Shift) -> None:
        """A worker begins."""
        with self._lock:
            self._shifts.append(shift)
            self._count_served()

    def leave(self, shift: Shift) -> None:
        """A worker ends; nobody rests in its name, and the others look again."""
        with self._lock:
            if shift in self._shifts:
                self._shifts.remove(shift)
            self._count_served()
            self._wake_all()

    def has_for(self, kinds: frozenset[str] | None) -> bool:
        """Whether a task of these types waits."""
        with self._lock:
            return self._backlog.first(kinds) is not None

    def take(self, shift: Shift) -> Item | None:
        """Give a worker the task whose turn it is among its types."""
        with self._lock:
            item = self._backlog.take(shift.kinds)
            if item is None:
                return None
            item.holder = shift
            if self._hopeful:
                self._offer_room()
        if not self._is_open:
            self.tell()
        return item

    def rest(self, shift: Shift, waiter: Waiter) -> bool:
        """Wake a worker when there is something for it; `False`: there is, or never will be."""
        with self._lock:
            if not self._is_open or self._backlog.first(shift.kinds) is not None:
                return False
            self._resting.append((shift.kinds, waiter))
            return True

    def stir(self) -> None:
        """Have all look again: one who rested is gone, and must not be woken for the others."""
        with self._lock:
            self._wake_all()

    def pass_on(self, kinds: frozenset[str] | None) -> None:
        """Wake somebody else for the task whose turn it is, since the one who was may not now."""
        with self._lock:
            item = self._backlog.first(kinds)
            if item is not None:
                self._wake_for(item.kind)

    def put_back(self, item: Item) -> None:
        """Put a task in line again: it was taken before, and waited for its retry."""
        with self._lock:
            item.holder = None
            self._backlog.push(item)
            self._wake_for(item.kind)
        self.tell()

    def end(self, item: Item) -> None:
        """A task has its outcome."""
        del self._items[item]
        self.history.end(item)
        item.announce()
        item.forget()
        if not self._items:
            while self._joining:
                self._joining.pop().wake()
        self.tell()

    def hold(self, item: Item) -> None:
        """A worker has claimed a task of the store."""
        self._items[item] = None
        self.history.begin(item)

    def let_go(self, item: Item) -> None:
        """The store has a task again, or will have it."""
        del self._items[item]
        self.history.end(item)
        item.forget()
        self.tell()

    def serves(self, item: Item) -> bool:
        """Whether a worker is there who would take it, or has it."""
        return item.holder is not None or any(shift.would_take(item) for shift in self._shifts)

    def items(self) -> list[Item]:
        """All tasks that have not ended, in the order they were put."""
        return list(self._items)

    def cancel(self, job: Job, reason: str) -> None:
        """End a task; from any thread."""
        item = cast("Item", job)
        with self._lock:
            if item.is_over or item.reason:  # or another thread ends it right now
                return
            holder = item.holder  # a moment later it may be in line again
            if holder is None:
                item.reason = reason
                self._backlog.remove(item)
                self._offer_room()
        if holder is None:
            item.cancel(reason)
            self.end(item)
        else:
            holder.cancel(item, reason)

    def _is_busy(self) -> bool:
        return bool(self._items) or any(debtor.claims() for debtor in self.debtors)

    def _prepared(self, task: object, priority: object) -> Item:
        if type(priority) is not int:
            raise TypeError(f"priority={priority!r} must be a whole number; higher goes first")
        call, kind = task_and_type(task)
        call.used = True
        self._check_destination(call)
        if self._served is not None and kind not in self._served:
            self._warn_unserved(kind)
        return Item(call, self, kind, priority or call.options.priority or 0)

    def _check_destination(self, call: Call) -> None:
        engine, queue = call.options.engine, call.options.queue
        if engine is not None and engine is not self.store:
            raise ValueError(
                f"task {call.name!r} goes to the engine {engine.name!r}, not to queue "
                f"{self._name!r}: write `await task.submit()`, or leave engine= out"
            )
        if queue is not None and queue != self._name:
            raise ValueError(
                f"task {call.name!r} goes to queue {queue!r}, not to queue {self._name!r}: "
                "leave queue= out"
            )

    def _has_to_wait(self, instead: str) -> TypeError:
        return TypeError(
            f"queue {self._name!r} is kept in a store, which has to be waited for: "
            f"write `{instead}`"
        )

    def _has_room(self) -> bool:
        return self._backlog.size + self._promised < self._max_size

    def _diverted(self, item: Item) -> BackgroundTask:
        self._check_open()
        return cast("BackgroundTask", item.call)

    def _check_open(self) -> None:
        if not self._is_open:
            raise QueueClosed(f"queue {self._name!r} takes no more tasks: it is closed")

    def _admit(self, item: Item) -> TaskHandle:
        self._check_open()
        is_put_off = item.put_off(clock().now())
        if item.audience.observers and not is_put_off:
            item.tell(TaskSubmitted)
        self._items[item] = None
        self.history.begin(item)
        self._backlog.push(item)
        if self._resting:
            self._wake_for(item.kind)
        return TaskHandle(item, self)

    def _wake_for(self, kind: str) -> None:
        for place, (kinds, waiter) in enumerate(self._resting):
            if kinds is None or kind in kinds:
                del self._resting[place]
                waiter.wake()
                return

    def _wake_all(self) -> None:
        while self._resting:
            self._resting.popleft()[1].wake()

    def _offer_room(self) -> None:
        while self._hopeful and self._has_room():
            self._promise()

    def _promise(self) -> None:
        # The room is kept for the one who waited longest: nobody who comes later can take it.
        self._promised += 1
        self._hopeful.popleft().wake()

    def _count_served(self) -> None:
        kinds = [shift.kinds for shift in self._shifts]
        if kinds and None not in kinds:
            self._served = frozenset().union(*filter(None, kinds))
        else:
            self._served = None

    def _warn_unserved(self, kind: str) -> None:
        if kind not in self._warned and len(self._warned) < KEPT:
            self._warned.add(kind)
            logger.warning(
                "no worker serves type %r now: its tasks wait in queue %r", kind, self._name
            )


def checked_name(name: object) -> str:
    """The value, if it can be a name.

    Raises:
        TypeError: It is no string.
        ValueError: It is empty.
    """
    if not isinstance(name, str):
        raise TypeError(f"name={name!r} must be a string")
    if not name.strip():
        raise ValueError(f"name={name!r} is empty")
    return name
