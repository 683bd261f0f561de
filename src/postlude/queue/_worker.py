"""Who serves a queue."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, cast

from postlude.queue._queue import TaskQueue, checked_name
from postlude.queue._rate import Rate, checked_rate
from postlude.queue._shift import Shift
from postlude.queue._stored_shift import StoredShift

if TYPE_CHECKING:
    from datetime import timedelta


class Worker:
    """Takes tasks from a queue and runs them.

    Several workers may serve one queue: each task goes to one of them. A task that fails is logged
    once and never stops its worker.

    Attributes:
        queue: What it serves.
        name: What to call it in logs.

    Example:
        ```python
        import asyncio

        from postlude import TaskQueue, Worker


        async def resize(path: str) -> None:
            print("resized", path)


        async def send_email(to: str) -> None:
            print("email to", to)


        async def main() -> None:
            queue = TaskQueue()
            await queue.put({"type": "email", "function": send_email, "args": ["ada"]})
            await queue.put({"type": "image", "function": resize, "args": ["cat.png"]})
            await queue.close()
            await Worker(queue, "images", types={"image"}).run()
            print(queue.waiting)
            await Worker(queue, "emails", types={"email"}, rate=(10, 1.0)).run()


        asyncio.run(main())
        ```

        ```text title="Output"
        resized cat.png
        {'email': 1}
        email to ada
        ```
    """

    def __init__(
        self,
        queue: TaskQueue,
        name: str,
        *,
        types: Collection[str] | None = None,
        concurrency: int = 1,
        rate: tuple[int, float | timedelta] | None = None,
    ) -> None:
        """Prepare a worker; nothing is taken before `run`.

        Args:
            queue: What to serve.
            name: What to call it in logs.
            types: The types of task to take, such as `{"email"}`; by default all. A task of a type
                that no worker takes stays in the queue.
            concurrency: How many tasks run at a time, `def` and `async def` alike; one that waits
                for its retry does not count. All `def` tasks of an event loop that no runner
                has share 40 threads.
            rate: `(count, per)`: at most `count` starts, attempts included, in any `per` seconds
                (or a `timedelta`). It is the worker's own; by default there is no such limit.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: A number is 0 or less, `types` is empty, or a text is.
        """
        if type(concurrency) is not int:
            raise TypeError(f"concurrency={concurrency!r} must be a whole number")
        if concurrency < 1:
            raise ValueError(f"concurrency={concurrency} must be 1 or more")
        self.queue = _checked_queue(queue)
        self.name = checked_name(name)
        self._kinds = _checked_types(types)
        self._concurrency = concurrency
        limit = checked_rate(rate)
        self._rate = None if limit is None else Rate(*limit)
        self._shift: Shift | None = None

    async def run(self) -> None:
        """Serve until the queue is closed and nothing is left in it for this worker.

        If it is cancelled instead, what runs is cut off and reported by name and id, and what waits
        for its retry goes back to the queue.

        Raises:
            RuntimeError: It runs already.
        """
        shift = self.begin()
        try:
            await shift.run()
        finally:
            self.done()

    def begin(self) -> Shift:
        """Be there for the queue; the caller runs the shift."""
        if self._shift is not None:
            raise RuntimeError(
                f"worker {self.name!r} runs already: make another, or set concurrency="
            )
        store = self.queue.store
        kind = Shift if store is None else partial(StoredShift, store=store)
        self._shift = kind(
            self.queue, self.name, kinds=self._kinds, slots=self._concurrency, rate=self._rate
        )
        return self._shift

    def done(self) -> None:
        """The shift is over: another may begin."""
        self._shift = None

    def __repr__(self) -> str:
        kinds = ", ".join(sorted(self._kinds)) if self._kinds is not None else "all types"
        return f"<{type(self).__name__} {self.name!r}: {kinds} of queue {self.queue.name!r}>"


def _checked_types(types: object) -> frozenset[str] | None:
    if types is None:
        return None
    if isinstance(types, str):
        raise TypeError(f"types={types!r} is one string: write types={{{types!r}}}")
    if not isinstance(types, Collection) or not all(
        isinstance(kind, str) for kind in cast("Collection[object]", types)
    ):
        raise TypeError(f"types={types!r} must be a set or list of strings, such as {{'email'}}")
    kinds: frozenset[str] = frozenset(cast("Collection[str]", types))
    if not kinds:
        raise ValueError("types= is empty: such a worker would never take a task")
    return kinds


def _checked_queue(queue: object) -> TaskQueue:
    if not isinstance(queue, TaskQueue):
        raise TypeError(
            f"a worker needs a TaskQueue, got an object of type {type(queue).__name__!r}: "
            "write Worker(queue, 'worker-1')"
        )
    return queue
