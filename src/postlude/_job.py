"""One execution in the hands of a runner."""

from __future__ import annotations

import threading
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Protocol

from postlude._clock import clock
from postlude._current import open_request
from postlude._events import everyone
from postlude._execution import Execution
from postlude._outcome import Succeeded
from postlude._sponsor import Places, Sponsor
from postlude._step import proceeding, raising, sendable
from postlude._waiter import Waiter
from postlude._work import current

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable
    from contextvars import Context

    from postlude._call import Call
    from postlude._events import Audience
    from postlude._outcome import Outcome
    from postlude._threads import Threads
    from postlude._timer import Wait
    from postlude._work import Work


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


class Home(Protocol):
    """Where a job runs, as who waits for it sees it."""

    def hasten(self, job: Job) -> None:
        """Let a job have the place of who waits for it; from any thread."""
        ...

    def hurry(self, job: Job, known: set[Job]) -> None:
        """Have `job.hurry` called on its event loop; from any thread."""
        ...


class Register(Home, Places, Protocol):
    """What has a job, and its place when it runs."""

    def begin(self, job: Job) -> None:
        """Know a job by its id from now on."""
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
        pool: Where it runs, and is to be found once somebody has seen its id.
    """

    taker = None
    # Whether a store has it, and will have it run again.
    is_kept = False

    __slots__ = (
        "_awaits",
        "_name",
        "_took",
        "_value",
        "audience",
        "lane",
        "pause",
        "pool",
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
        self._name = ""
        self.attempts = 0
        self.started = self.due = 0.0
        self._outcome = self.scene = self.work = None
        self.audience = audience
        self.lane = lane
        self.pause: Wait | None = None
        self.pool: Register | None = None
        self.scope: Cancellable | None = None
        self.threads: Threads | None = None
        self.reason = ""
        self.watchers: list[Waiter] | None = None
        self._awaits: dict[Sponsor, Job] | None = None

    @property
    def task_id(self) -> str:
        """Its id; from the first look at it, the job is found by it."""
        if self._id is None and (pool := self.pool) is not None:
            _ = super().task_id
            pool.begin(self)
        return super().task_id

    @property
    def outcome(self) -> Outcome | None:
        """What became of it; a success is put into words when somebody asks."""
        if self._outcome is UNTOLD:
            self._outcome = self._success(self._value, self._took)
        return self._outcome

    def context(self) -> Context:
        """As for any execution, but no request is open there: in its place is the task."""
        context = (self.call.context if self.scene is None else self.scene).copy()
        context.run(open_request.set, self)
        if context.get(current) is not None:  # made in a thread, where it does not run
            context.run(current.set, None)
        return context

    def hold(self, work: object) -> bool:
        """It is no request: it keeps nothing for later."""
        return False

    def set_off(self) -> Awaitable[Any] | None:
        """Begin the only attempt of an `async def` that has no options, when nobody listens.

        Returns:
            What is left of it; `None` if that was all, as it is of most. Then no coroutine around
            theirs has been needed.
        """
        self.attempts = 1
        self.started = clock().now()
        call, context = self.call, self.context()
        try:
            coroutine: Any = call.func(*call.args, **call.keywords)
            if coroutine.__class__ is not CoroutineType:
                coroutine = sendable(coroutine)
        except BaseException as error:
            return self.conclude(raising(error))
        try:
            asked = context.run(coroutine.send, None)
        except StopIteration as stop:
            self.note(stop.value)
            return None
        except BaseException as error:
            return self.conclude(raising(error))
        return self.conclude(proceeding(context, coroutine, asked))

    def note(self, value: object) -> None:
        """Take what the function returned, when nobody listens; the rest is for who asks."""
        self._value = value
        self._took = clock().now() - self.started
        self._outcome = UNTOLD

    @property
    def name(self) -> str:
        """The task's name."""
        return self._name or self.call.name

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
        with _lock:  # who gives up in another thread does not change the list meanwhile
            watchers, self.watchers = self.watchers, None
        for watcher in watchers or ():
            watcher.wake()

    def forget(self) -> None:
        """Keep nothing of the caller's: the job may be remembered for long.

        If not by its id, then by the context of what it began.
        """
        self._name = self.call.name
        # It leads to the task that made this one, and from there to the one that made that.
        self.scene = None
        del self.call

    @property
    def is_running(self) -> bool:
        """Whether an attempt is under way."""
        return self.scope is not None

    def sponsors(self) -> list[Sponsor]:
        """Who waits for it and may lend it something."""
        return [one for one in tuple(self.watchers or ()) if isinstance(one, Sponsor)]

    def hosts_in(self, threads: object) -> Iterable[Work]:
        """Who waits for it in one of these threads, or for a task that does."""
        known: set[Sponsor] = set()
        return [host for sponsor in self.sponsors() for host in sponsor.hosts_in(threads, known)]

    def hurry(self, known: set[Job]) -> None:
        """Let it have the threads of those who wait for it, or else what it waits for.

        Args:
            known: Who has been told so already, since tasks may wait for each other.
        """
        asked: list[Job] = [self]
        while asked:
            job = asked.pop()
            known.add(job)
            work = job.work
            if work is not None and (threads := work.threads) is not None:
                for host in job.hosts_in(threads):
                    threads.hasten(work, host)
                continue
            for one in job.awaited() - known:
                home = one.home
                if home is None or home is self.home:  # what has just ended waits for nothing
                    asked.append(one)
                else:
                    home.hurry(one, known)

    @property
    def awaits(self) -> dict[Sponsor, Job]:
        """What it waits for, and in whose name; to be asked for under the lock."""
        if self._awaits is None:
            self._awaits = {}
        return self._awaits

    def awaited(self) -> set[Job]:
        """What it waits for."""
        with _lock:
            return set(self._awaits.values()) if self._awaits else set()

    @property
    def home(self) -> Home | None:
        """Where it runs, if it has begun or is in a runner's line."""
        return self.pool

    async def wait(self) -> Outcome:
        """Wait until it has ended; on any event loop."""
        if not self.is_over:
            watcher = self._new_watcher()
            with _lock:
                if self.watchers is None:
                    self.watchers = []
                watchers = self.watchers
                watchers.append(watcher)
            # It may have ended in another thread before it could know of the watcher.
            if not self.is_over:
                try:
                    if isinstance(watcher, Sponsor):
                        await self._sponsored_by(watcher)
                    else:
                        await watcher.wait()
                except BaseException:
                    with _lock:
                        if self.watchers is watchers:
                            watchers.remove(watcher)
                    raise
        outcome = self.outcome
        assert outcome is not None
        return outcome

    async def _sponsored_by(self, sponsor: Sponsor) -> None:
        with _lock:
            awaits = {} if sponsor.task is None else sponsor.task.awaits
            awaits[sponsor] = self
        if sponsor.task is not None and sponsor.task.pool is not None:
            sponsor.task.pool.rest(sponsor)
        try:
            if (home := self.home) is not None:
                home.hasten(self)
            await sponsor.wait()
        finally:
            with _lock:
                del awaits[sponsor]
            if not sponsor.woken:
                sponsor.give_up()

    def _new_watcher(self) -> Waiter:
        task, work = open_request.get(), current.get()
        task = task if isinstance(task, Job) else None
        return Waiter() if task is None and work is None else Sponsor(task, work)
