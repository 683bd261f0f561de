"""Workers that outlive requests, and the jobs that wait for them."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import weakref
from asyncio import CancelledError
from collections import deque
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

import anyio
import anyio.lowlevel
from postlude._cancellation import take_back
from postlude._clock import clock
from postlude._errand import Errand
from postlude._events import Audience, TaskSubmitted
from postlude._execution import interrupted_by
from postlude._guests import Guests, Invited
from postlude._handle import TaskHandle
from postlude._history import History
from postlude._job import Job
from postlude._options import DEFAULT_ASYNC
from postlude._outcome import Cancelled, Failed, TimedOut
from postlude._pauses import Pauses
from postlude._soon import caller_of_this_loop, maker_of_alarms
from postlude._takers import takers
from postlude._threads import MAX_THREADS, Threads
from postlude.errors import QueueFull, RunnerClosed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from anyio.abc import TaskGroup
    from postlude._call import Call
    from postlude._events import Observer
    from postlude._soon import Alarm
    from postlude._sponsor import Sponsor
    from postlude._timer import Wait
    from postlude.protocols import Engine

KEPT = 1000


class Companion(Protocol):
    """What begins when a pool opens, and ends when it takes no more."""

    def begin(self) -> None:
        """The pool is open."""
        ...

    def end(self) -> None:
        """The pool takes nothing more."""
        ...


# A worker whose jobs never wait for anything lets others run after this many seconds.
TURN = 0.005
# Why a job was not waited for.
LATE = "it was not due before the end of the drain"


class Pool:
    """At most `size` workers of one event loop, and a line in front of them.

    Workers are started when they are needed and stay. A job that waits until it is due, for its
    first attempt or the next, is in nobody's way: it holds no worker, is not in line, and comes
    to the end of the line then.
    """

    title = "the runner"

    def __init__(
        self,
        size: int,
        most: int,
        *,
        threads: int = MAX_THREADS,
        patient: bool,
        on_error: Callable[[Failed | TimedOut], object] | None,
        monitor: Observer | None = None,
        engine: Engine | None = None,
    ) -> None:
        """Prepare.

        Args:
            size: How many jobs run at a time.
            most: How many may stand in line.
            threads: In how many threads.
            patient: Whether `take` waits when the line is full.
            on_error: Called with each outcome that is a failure.
            monitor: Called with each event.
            engine: Where calls go whose functions are marked.
        """
        self.audience = Audience(monitor)
        self.engine = engine
        self.is_open = False
        self.was_open = False
        self.was_forked = False
        self.finished = 0
        self.jobs: dict[Job, None] = {}
        self.given_up: set[Job] = set()
        self.history = History(KEPT)
        self.companions: list[Companion] = []
        self._size = self._places = size
        self._most_threads = threads
        self._most = most
        self._patient = patient
        self._on_error = on_error
        self._line: deque[Job] = deque()
        self._pauses = Pauses(self._come_back)
        self._hopeful: deque[anyio.Event] = deque()
        self._lock = threading.RLock()  # an observer may submit a task

    async def start(self) -> None:
        """Open in this event loop, which alone may call what follows, unless it says otherwise."""
        self._group: TaskGroup = anyio.create_task_group()
        self._thread = threading.get_ident()
        self._soon = caller_of_this_loop()
        self._new_alarm = maker_of_alarms()
        self._pauses = Pauses(self._come_back)
        self._threads = Threads(self._most_threads)
        self._workers = 0
        # Jobs that run in the hands of a worker, and in threads without one.
        self._busy = self._out = 0
        self._guests = Guests(self, self._begin_guest)
        self._waiting, self._visiting = self._guests.waiting, self._guests.running
        self._expected = self._guests.expected
        self._size = self._places
        self._coming = False
        self._resting: list[Alarm] = []
        self._hopeful.clear()
        self._watchers: list[anyio.Event] = []
        self._bell = anyio.Event()
        self._to_begin: deque[Callable[[], Coroutine[Any, Any, object]]] = deque()
        await self._group.__aenter__()
        self._group.start_soon(self._hire)
        takers().append(self)
        self.is_open = self.was_open = True
        self.was_forked = False
        _all.add(self)
        for companion in self.companions:
            companion.begin()

    def attend(self, mind: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a function beside the workers, until they are ended."""
        self._group.start_soon(mind)

    async def stop(self) -> None:
        """End the workers."""
        takers().remove(self)
        self._pauses.stop()
        self._group.cancel_scope.cancel()
        self._threads.close()
        # Without the error that ends the block: a group would wrap it.
        await self._group.__aexit__(None, None, None)

    def leave_behind(self) -> None:
        """Take no jobs in a process that has just been forked, where nobody would run them."""
        self._lock = threading.RLock()
        self.was_forked = self.is_open
        self.is_open = False

    def close(self) -> None:
        """Take no new jobs; what was taken goes on."""
        with self._lock:
            self.is_open = False
        for companion in self.companions:
            companion.end()
        for hopeful in self._hopeful:
            hopeful.set()

    @property
    def has_room(self) -> bool:
        """Whether a job can be put in line; from any thread."""
        return self.is_open and len(self._line) < self._most

    def has_room_for(self, call: Call) -> bool:
        """Whether the call can be taken; from any thread. One that is due later is not in line."""
        return self.is_open and (len(self._line) < self._most or call.options.delay is not None)

    def submit(self, call: Call) -> TaskHandle:
        """Put a call in line; from any thread.

        Raises:
            QueueFull: There is no room.
            RunnerClosed: Nothing is taken now.
        """
        return TaskHandle(self.enter(call), self)

    def enter(self, call: Call) -> Job:
        """As `submit`, for those who want the job."""
        with self._lock:
            if not self.is_open:
                raise RunnerClosed(f"the runner takes no task: {self._why_closed()}")
            if not self.has_room_for(call):
                waiting = "1 task waits" if self._most == 1 else f"{self._most} tasks wait"
                raise QueueFull(
                    f"{waiting} already, which is the runner's max_pending: submit fewer, "
                    "raise it, or set on_full='wait' and write `await task.submit()`"
                )
            job = Job(call, audience=self.audience)
            _ = job.task_id  # before it can end: who has the job can ask for it
            start = partial(self._wait_until_due, job) if self._admit(job) else self._wake
        self.call_here(start)
        return job

    async def take(self, call: Call) -> TaskHandle:
        """Put a call in line as soon as there is room, if this pool is patient."""
        while self._patient and self.is_open and not self.has_room_for(call):
            hopeful = anyio.Event()
            self._hopeful.append(hopeful)
            try:
                await hopeful.wait()
            except BaseException:
                if hopeful in self._hopeful:
                    self._hopeful.remove(hopeful)
                else:
                    self._show_room()
                raise
        return self.submit(call)

    def put(self, job: Job) -> None:
        """Put a job in line, whether or not there is room: it was taken before, or must be."""
        if self._admit(job):
            self._wait_until_due(job)
        else:
            self._wake()

    def call_here(self, function: Callable[[], object]) -> None:
        """Call the function on the event loop, at once if this is its thread."""
        if threading.get_ident() == self._thread:
            function()
        else:
            self._soon(function)

    def call_at(self, when: float, function: Callable[[], object]) -> Wait:
        """Call the function on the event loop at that moment of the clock in force."""
        return self._pauses.call_at(when, function)

    def begin(self, job: Job) -> None:
        """Let a job be found by its id, which somebody has seen; from any thread."""
        self.history.begin(job)

    def hasten(self, job: Job) -> None:
        """Let a job have the place of who waits for it; from any thread."""
        with contextlib.suppress(RuntimeError):  # the event loop has ended, and with it the job
            self.call_here(partial(self._hasten, job))

    def hurry(self, job: Job, known: set[Job]) -> None:
        """Have `job.hurry` called on the event loop; from any thread."""
        with contextlib.suppress(RuntimeError):
            self.call_here(partial(job.hurry, known))

    def rest(self, sponsor: Sponsor) -> None:
        """A task that has a place waits from here on; from any thread."""
        with contextlib.suppress(RuntimeError):
            self.call_here(partial(self._wait_begins, sponsor))

    def go_on(self, sponsor: Sponsor) -> None:
        """That wait is over; from any thread."""
        with contextlib.suppress(RuntimeError):
            self.call_here(partial(self._wait_ends, sponsor))

    def postpone(self, job: Job, due: float) -> None:
        """Let a job that has not begun be due at another moment; `inf` is never."""
        if not self._pauses.end(job) and not self._leave_line(job):
            return
        job.due = due
        if due > clock().now():
            self._wait_until_due(job)
        else:
            self._come_back(job)

    def call_soon(self, function: Callable[[], object]) -> None:
        """Call the function on the event loop, later; also from a signal handler."""
        self._soon(function)

    def cancel(self, job: Job, reason: str) -> None:
        """End a job; from any thread."""
        if not job.is_over:
            self.call_here(lambda: self._cancel(job, reason))

    async def idle(self) -> None:
        """Wait until every job has ended, or cannot begin before the horizon."""
        if not self._is_idle():
            watcher = anyio.Event()
            self._watchers.append(watcher)
            await watcher.wait()

    def look_ahead(self, horizon: float) -> None:
        """Let `idle` wait for no job that is due only after this moment; call it once closed."""
        self._pauses.look_ahead(horizon, self.jobs)

    def hopeless(self, job: Job) -> str:
        """That the job is due only after the horizon, if it is."""
        return LATE if job in self._pauses.late else ""

    def _why_closed(self) -> str:
        if self.was_forked:
            return "it is open in the process that this one was forked from. Make another one here"
        what = "it is shutting down" if self.was_open else "it was never started"
        return f"{what}. Use `async with runner:`"

    def _is_idle(self) -> bool:
        return len(self.jobs) == len(self._pauses.late)

    def _admit(self, job: Job) -> bool:
        """Know a job, and put it in line unless it is to wait until it is due."""
        is_put_off = job.call.options.delay is not None and job.put_off(clock().now())
        if self.audience.observers and not is_put_off:
            job.tell(TaskSubmitted)
        self.jobs[job] = None
        job.pool = self
        if job.has_id:
            self.history.begin(job)
        if not is_put_off:
            self._line.append(job)
        return is_put_off

    def _wake(self) -> None:
        # One at a time: it wakes the next if it finds more than one job, and often it does not.
        if self._coming or not self._line or self._busy + self._out >= self._size:
            return
        if self._resting:
            self._resting.pop().set()
        elif self._workers < self._size:
            self._workers += 1
            self._begin(self._work)
        else:
            return
        self._coming = True

    def _begin(self, function: Callable[..., Coroutine[Any, Any, object]], *args: object) -> None:
        self._to_begin.append(partial(function, *args))
        self._bell.set()

    async def _hire(self) -> None:
        # From a task of its own: who has a job may be no task, and its context is a request's.
        while True:
            await self._bell.wait()
            self._bell = anyio.Event()
            while self._to_begin:
                self._group.start_soon(self._to_begin.popleft())

    async def _work(self) -> None:
        self._coming = False
        was_cancelled = False
        while True:
            try:
                # One scope for many jobs, and a new one when a job was cancelled by it.
                with anyio.CancelScope() as scope:
                    if was_cancelled:
                        await self._call_the_roll()
                        was_cancelled = False
                    await self._serve(scope)
            except CancelledError:
                if not take_back():
                    raise
                was_cancelled = True

    async def _call_the_roll(self) -> None:
        # Where all of the event loop was cancelled, nobody answers, and the drain comes before
        # the next job.
        answer = anyio.Event()
        self._begin(_give, answer)
        await answer.wait()

    async def _serve(self, scope: anyio.CancelScope) -> None:
        line, since = self._line, monotonic()
        while not scope.cancel_called:
            if not line or self._busy + self._out >= self._size:
                await self._rest()
                since = monotonic()
                continue
            job = line.popleft()
            job.threads = self._threads
            options = job.call.options
            if options.is_async or options.timeout is not None:
                self._busy += 1
                if self._hopeful:
                    self._show_room()
                if options is not DEFAULT_ASYNC or job.audience.observers:
                    self._wake()
                    await self._run(job, job.attempt(), scope)
                elif (rest := self._begun(job, scope)) is not None:
                    self._wake()
                    await self._run(job, rest, scope)
            else:
                self._out += 1
                self._show_room()
                Errand(job, self._threads, self._begin, self._come_in)
            if monotonic() - since > TURN:
                await anyio.lowlevel.checkpoint()
                since = monotonic()

    async def _rest(self) -> None:
        woken = self._new_alarm()
        self._resting.append(woken)
        try:
            await woken.wait()
        except BaseException:
            if woken in self._resting:
                self._resting.remove(woken)
            else:
                self._coming = False
            raise
        self._coming = False

    def _begun(self, job: Job, scope: anyio.CancelScope) -> Awaitable[Any] | None:
        """Begin a job that has no options; what is left of it, if that is not all.

        Most are done at once, and then no other worker is needed for those behind.
        """
        job.scope = scope
        if (rest := job.set_off()) is not None:
            return rest
        job.scope = None
        self._busy -= 1
        self._end(job)
        return None

    async def _run(self, job: Job, rest: Awaitable[Any], scope: anyio.CancelScope) -> None:
        job.scope = scope
        try:
            await rest
        except BaseException as error:
            job.cancel(job.reason or interrupted_by(error))
            raise
        finally:
            job.scope = None
            self._busy -= 1
            self._after_attempt(job)

    def _come_in(self, job: Job) -> None:
        self._out -= 1
        self._after_attempt(job)
        self._wake()

    def _after_attempt(self, job: Job) -> None:
        if self._waiting or self._visiting:
            self._guests.over(job)
            self._size = self._places + self._guests.places
        if not job.is_over and job.reason:
            job.cancel(job.reason)
        if not job.is_over:
            self._wait_until_due(job)
            if job.lane is not None:
                job.lane.passed(job)
        else:
            self._end(job)
        if self._expected:
            self._invite()

    def _wait_until_due(self, job: Job) -> None:
        if job.is_over:  # cancelled on the way here from another thread
            return
        if self._pauses.begin(job):
            self._tell_watchers()

    def _come_back(self, job: Job) -> None:
        if job.lane is not None:
            job.lane.come_back(job)
        else:
            self.line_up(job)

    def line_up(self, job: Job) -> None:
        """Put a job in line that is known already."""
        self._line.append(job)
        if job.watchers is not None:
            self._hasten(job)
        self._wake()

    def _leave_line(self, job: Job) -> bool:
        with self._lock:
            is_there = job in self._line
            if is_there:
                self._line.remove(job)
        self._show_room()
        return is_there

    def _hasten(self, job: Job) -> None:
        job.hurry(set())
        self._guests.expect(job)
        self._invite()

    def _wait_begins(self, sponsor: Sponsor) -> None:
        self._guests.rest(sponsor)
        self._invite()

    def _wait_ends(self, sponsor: Sponsor) -> None:
        self._guests.go_on(sponsor)
        self._size = self._places + self._guests.places

    def _invite(self) -> None:
        while self._expected and self._is_place_idle() and self._guests.invite_one():
            pass
        self._size = self._places + self._guests.places

    def _is_place_idle(self) -> bool:
        """Whether fewer are at work than may be; who waits, for a task or a thread, is not."""
        at_work = self._busy + self._out - len(self._waiting)
        return at_work < self._places or at_work - self._threads.waiting() < self._places

    def _begin_guest(self, job: Job) -> bool:
        """Begin a job that is in line, beside those that have places of their own."""
        if job in self.given_up or not self._leave_line(job):
            return False
        self._visiting.add(job)
        job.threads = self._threads
        options = job.call.options
        if options.is_async or options.timeout is not None:
            self._busy += 1
            invited = job.scope = Invited(partial(self._disinvite, job))
            self._begin(self._entertain, job, invited)
        else:
            self._out += 1
            Errand(job, self._threads, self._begin, self._come_in)
        return True

    async def _entertain(self, job: Job, invited: object) -> None:
        if job.scope is not invited:
            return
        try:
            # Whatever cancelled it, its asyncio task is its own and is over.
            with contextlib.suppress(CancelledError), anyio.CancelScope() as scope:
                await self._run(job, job.attempt(), scope)
        finally:
            self._wake()

    def _disinvite(self, job: Job) -> None:
        job.scope = None
        self._busy -= 1
        self._after_attempt(job)

    def _cancel(self, job: Job, reason: str) -> None:
        if job.is_over:
            return
        job.reason = reason
        if job.scope is not None:
            job.scope.cancel()
            return
        if not self._pauses.end(job):
            self._leave_line(job)
        job.cancel(reason)
        self._end(job)

    def _end(self, job: Job) -> None:
        del self.jobs[job]
        well = job.has_succeeded
        self.finished += well or not isinstance(job.outcome, Cancelled)
        if job.lane is not None:
            job.lane.passed(job)
        if not well and self._on_error is not None:
            outcome = job.outcome
            if isinstance(outcome, Failed | TimedOut):
                _tell(self._on_error, outcome)
        if job.watchers is not None:
            job.announce()
        if job.has_id:
            self.history.end(job)
        else:  # nobody has it, and nobody will
            job.pool = None
        job.forget()
        if self._watchers:
            self._tell_watchers()

    def _tell_watchers(self) -> None:
        if self._is_idle():
            for watcher in self._watchers:
                watcher.set()
            self._watchers.clear()

    def _show_room(self) -> None:
        if self._hopeful and len(self._line) < self._most:
            self._hopeful.popleft().set()


async def _give(answer: anyio.Event) -> None:
    answer.set()


def _tell(on_error: Callable[[Any], object], outcome: Failed | TimedOut) -> None:
    try:
        on_error(outcome)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        logging.getLogger("postlude").exception(
            "the on_error hook failed on task %r (id %s)", outcome.name, outcome.task_id
        )


_all: weakref.WeakSet[Pool] = weakref.WeakSet()


def _leave_all_behind() -> None:
    for pool in tuple(_all):
        pool.leave_behind()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_all_behind)
