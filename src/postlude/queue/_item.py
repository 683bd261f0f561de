"""One task in a queue, or on its way through a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from postlude._job import Job
from postlude.queue._waiter import Waiter

if TYPE_CHECKING:
    from postlude._call import Call
    from postlude._outcome import Outcome
    from postlude.queue._queue import TaskQueue


class Holder(Protocol):
    """A worker at work, as the item in its hands sees it."""

    @property
    def name(self) -> str:
        """The worker's name."""
        ...

    def cancel(self, item: Item, reason: str) -> None:
        """End an item that it holds; from any thread."""
        ...


class Item(Job):
    """A job that knows its type and priority, and where it is."""

    __slots__ = ("holder", "kind", "number", "priority", "queue", "waiting", "watchers")

    def __init__(self, call: Call, queue: TaskQueue, kind: str, priority: int) -> None:
        """Prepare; it waits nowhere before a queue has admitted it."""
        super().__init__(call)
        self.queue = queue
        self.kind = kind
        self.priority = priority
        self.number = 0
        self.waiting = False
        self.holder: Holder | None = None
        self.watchers: list[Waiter] | None = None

    def interrupted(self, error: BaseException) -> None:
        """Report that its worker was stopped while it ran, unless who did that will."""
        if not self.reason:
            worker = self.holder.name if self.holder is not None else "?"
            self.reason = f"worker {worker!r} was stopped"
            self._report().loss(self.reason)
            self.cancel(self.reason)

    def announce(self) -> None:
        """Tell who waits for it, on whatever event loop, that it has an outcome."""
        for watcher in self.watchers or ():
            watcher.wake()

    async def wait(self) -> Outcome:
        """Wait until it has ended; on any event loop."""
        if self.outcome is None:
            watcher = Waiter()
            if self.watchers is None:
                self.watchers = []
            self.watchers.append(watcher)
            # It may have ended in another thread before it could know of the watcher.
            if self.outcome is None:
                await watcher.wait()
        assert self.outcome is not None
        return self.outcome
