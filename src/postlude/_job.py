"""One execution in the hands of a runner."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

from postlude._clock import clock
from postlude._current import open_request
from postlude._events import everyone
from postlude._execution import Execution
from postlude._outcome import Succeeded
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


class Register(Protocol):
    """Where jobs are found by their id."""

    def begin(self, job: Job) -> None:
        """Know a job from now on."""
        ...


class Cancellable(Protocol):
    """What runs a job, as who cancels it sees it."""

    def cancel(self) -> None:
        """End it."""
        ...


# Stands for a success until somebody asks for it: of most nobody does.
UNTOLD = Succeeded(value=None, task_id="", name="", attempts=1, duration=0.0)


class Job(Execution):
    """An execution that waits until it is due, or for a worker, or runs, or has ended.

    Attributes:
        known_by: Where it is to be found once somebody has seen its id.
    """

    __slots__ = (
        "_took",
        "_value",
        "audience",
        "known_by",
        "lane",
        "pause",
        "reason",
        "scope",
        "threads",
        "watchers",
    )

    def __init__(self, call: Call, lane: Lane | None = None, audience: Audience = everyone) -> None:
        """Prepare; nothing runs before a worker makes an attempt."""
        # All here and nothing in the parent: there is one of these for each request.
        self.call = call
        self._id = call.options.task_id
        self.attempts = 0
        self.started = self.due = 0.0
        self._outcome = self.scene = None
        self.known_by: Register | None = None
        self.audience = audience
        self.lane = lane
        self.pause: Wait | None = None
        self.scope: Cancellable | None = None
        self.threads: Threads | None = None
        self.reason = ""
        self.watchers: list[Waiter] | None = None

    @property
    def task_id(self) -> str:
        """Its id; from the first look at it, the job is found by it."""
        if self._id is None and (register := self.known_by) is not None:
            _ = super().task_id
            register.begin(self)
        return super().task_id

    @property
    def outcome(self) -> Outcome | None:
        """What became of it; a success is put into words when somebody asks."""
        if self._outcome is UNTOLD:
            self._outcome = self._success(self._value, self._took)
        return self._outcome

    def context(self) -> Context:
        """As for any execution, but no request is open: the task belongs to none."""
        context = (self.call.context if self.scene is None else self.scene).copy()
        context.run(open_request.set, None)
        return context

    def note(self, value: object) -> None:
        """Take what the function returned, when nobody listens; the rest is for who asks."""
        if self._outcome is not None:  # given up for lost, and somebody knows of that
            return
        self._value = value
        self._took = clock().now() - self.started
        self._outcome = UNTOLD

    @property
    def name(self) -> str:
        """The task's name."""
        outcome = self.outcome
        return outcome.name if outcome is not None else self.call.name

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
        _ = self.outcome
        del self.call

    async def wait(self) -> Outcome:
        """Wait until it has ended; on any event loop."""
        if not self.is_over:
            watcher = Waiter()
            with _lock:
                if self.watchers is None:
                    self.watchers = []
                watchers = self.watchers
                watchers.append(watcher)
            # It may have ended in another thread before it could know of the watcher.
            if not self.is_over:
                try:
                    await watcher.wait()
                except BaseException:
                    watchers.remove(watcher)
                    raise
        outcome = self.outcome
        assert outcome is not None
        return outcome
