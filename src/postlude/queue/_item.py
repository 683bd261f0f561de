"""One task in a queue, or on its way through a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from postlude._job import Home, Job

if TYPE_CHECKING:
    from postlude._call import Call
    from postlude.queue._queue import TaskQueue


class Holder(Home, Protocol):
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

    __slots__ = ("holder", "kind", "number", "priority", "queue", "waiting")

    def __init__(self, call: Call, queue: TaskQueue, kind: str, priority: int) -> None:
        """Prepare; it waits nowhere before a queue has admitted it."""
        super().__init__(call)
        self.queue = queue
        self.kind = kind
        self.priority = priority
        self.number = 0
        self.waiting = False
        self.holder: Holder | None = None

    @property
    def home(self) -> Home | None:
        """The worker at work that has it, if it has begun."""
        return self.holder

    def interrupted(self, error: BaseException) -> None:
        """Report that its worker was stopped while it ran, unless who did that will."""
        if not self.reason:
            worker = self.holder.name if self.holder is not None else "?"
            self.reason = f"worker {worker!r} was stopped"
            self._report().loss(self.reason, is_kept=self.is_kept)
            self.cancel(self.reason)
