"""One execution in the hands of a runner."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

from postlude._current import open_request
from postlude._events import everyone
from postlude._execution import Execution
from postlude._waiter import Waiter

if TYPE_CHECKING:
    from contextvars import Context

    from postlude._call import Call
    from postlude._events import Audience
    from postlude._outcome import Outcome
    from postlude._threads import Threads
    from postlude._timer import Wait


# Of who begins to wait, in any thread: the list must be the same for all.
_lock = threading.Lock()


class Lane(Protocol):
    """The group that a job belongs to, as the job sees it."""

    def passed(self, job: Job) -> None:
        """The job has ended, or waits: the next one may start."""
        ...

    def come_back(self, job: Job) -> None:
        """The job has waited until it was due."""
        ...

    def give_up(self) -> list[Call]:
        """The calls that are not in line yet, and now never will be."""
        ...


class Cancellable(Protocol):
    """What runs a job, as who cancels it sees it."""

    def cancel(self) -> None:
        """End it."""
        ...


class Job(Execution):
    """An execution that waits until it is due, or for a worker, or runs, or has ended."""

    __slots__ = ("audience", "lane", "pause", "reason", "scope", "threads", "watchers")

    def __init__(
        self, call: Call, lane: Lane | None = None, *, audience: Audience = everyone
    ) -> None:
        """Prepare; nothing runs before a worker makes an attempt."""
        super().__init__(call)
        self.audience = audience
        self.lane = lane
        self.pause: Wait | None = None
        self.scope: Cancellable | None = None
        self.threads: Threads | None = None
        self.reason = ""
        self.watchers: list[Waiter] | None = None

    def context(self) -> Context:
        """As for any execution, but no request is open: the task belongs to none."""
        context = super().context()
        context.run(open_request.set, None)
        return context

    @property
    def name(self) -> str:
        """The task's name."""
        return self.outcome.name if self.outcome is not None else self.call.name

    def interrupted(self, error: BaseException) -> None:
        """Leave the log to who cancelled it, and knows why; if it was none of ours, log it."""
        if not self.reason:
            super().interrupted(error)

    def cancel(self, reason: str) -> Outcome:
        """As for any execution, and tell who waits for it."""
        outcome = super().cancel(reason)
        self.announce()
        return outcome

    def announce(self) -> None:
        """Tell who waits for it, on whatever event loop, that it has an outcome."""
        watchers, self.watchers = self.watchers, None
        for watcher in watchers or ():
            watcher.wake()

    def forget(self) -> None:
        """Keep nothing of the caller's: the job may be remembered for long."""
        del self.call

    async def wait(self) -> Outcome:
        """Wait until it has ended; on any event loop."""
        if self.outcome is None:
            watcher = Waiter()
            with _lock:
                if self.watchers is None:
                    self.watchers = []
                watchers = self.watchers
                watchers.append(watcher)
            # It may have ended in another thread before it could know of the watcher.
            if self.outcome is None:
                try:
                    await watcher.wait()
                except BaseException:
                    watchers.remove(watcher)
                    raise
        assert self.outcome is not None
        return self.outcome
