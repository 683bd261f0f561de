"""The threads in which `def` tasks run: the package's own, never those of sync endpoints."""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
from anyio.lowlevel import RunVar
from postlude._soon import caller_of_this_loop, maker_of_alarms
from postlude._work import State, Work
from postlude._worker import Worker, starter_of_this_loop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

MAX_THREADS = 40


class Threads:
    """At most `most` threads of one event loop, started when needed, and the work for them.

    Work that is asked for from within a thread gets one more thread, since that thread may be
    waiting for it, and so does what a task waits for by its handle: forty tasks that each wait for
    another one do not wait for ever.
    """

    def __init__(self, most: int) -> None:
        """Prepare, on the event loop; no thread is started before there is work."""
        self.closed = False
        self._most = most
        self._soon: Callable[[Callable[[], object]], object] = caller_of_this_loop()
        self._start: Callable[[Worker], object] = starter_of_this_loop()
        self._new_alarm = maker_of_alarms()
        self.empty()
        _all.add(self)

    def empty(self) -> None:
        """Have no threads and no work, as in a process that has just been forked."""
        self._lock = threading.Lock()
        self._running = 0
        self._coming = False
        self._line: deque[Work] = deque()
        self._idle: list[Worker] = []
        self._finished: deque[Work] = deque()
        self._told = False

    async def do(self, work: Work, hosts: Iterable[Work] = ()) -> Any:
        """Have the work done, and wait for it; the hosts are known to wait for it as well.

        If the wait is cancelled, the thread is abandoned: it cannot be stopped, so it is counted
        until it ends, and another may take its place.

        Returns:
            What its function returned.

        Raises:
            Escaped: The function raised an error that is no `Exception`.
        """
        await anyio.lowlevel.checkpoint_if_cancelled()
        alarm = self._new_alarm()
        work.done = alarm.set
        with anyio.CancelScope() as work.scope:
            self.submit(work, hosts)
            try:
                await alarm.wait()
            except BaseException:
                self.abandon(work)
                raise
        return work.result()

    def submit(self, work: Work, hosts: Iterable[Work] = ()) -> None:
        """Have the work done as soon as may be; on the event loop.

        Args:
            work: What to do.
            hosts: Who is known to wait for it, and lends it a thread.

        Raises:
            RuntimeError: The computer has no thread left.
        """
        with self._lock:
            work.threads = self
            try:
                if any(self._invite(work, host) for host in (work.host, *hosts) if host):
                    return
            except RuntimeError:
                work.state = State.DROPPED  # another host may expect it
                raise
            self._line.append(work)
            try:
                self._fill()
            except RuntimeError:
                if not self._running:
                    self._line.pop().state = State.DROPPED
                    raise

    def hasten(self, work: Work, host: Work) -> None:
        """Give work that is in line one more thread, since that of its host waits for it."""
        with self._lock:
            work.host = work.host or host
            if work.state is State.WAITING:
                try:
                    self._invite(work, host)
                except RuntimeError as error:  # nobody else may ever come to it
                    self._fail(work, error)

    def waiting(self) -> int:
        """How much work waits for a thread."""
        with self._lock:
            return sum(work.state is State.WAITING for work in self._line)

    def abandon(self, work: Work) -> None:
        """Wait for the work no more: what has not begun never will."""
        disown: Callable[[], object] = int
        with self._lock:
            if work.state is State.RUNNING:
                work.abandon()
                disown = work.disown
                self._launch_guest(self._vacate(work))
                self._fill_if_possible()
            elif work.state is not State.DONE:
                work.state = State.DROPPED
        disown()

    def close(self) -> None:
        """End the threads that have nothing to do now, and the others when they have."""
        with self._lock:
            self.closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.give(None)

    def close_with_the_loop(self) -> None:
        """Have it closed when the event loop ends."""
        self._ending = _close_at_the_end(self)
        # Event loops close the generators that have begun in them, before they end.
        with contextlib.suppress(StopIteration):
            self._ending.__anext__().send(None)

    def begin(self, work: Work, worker: Worker) -> bool:
        """The thread is there: it wakes the next if there is more to do."""
        with self._lock:
            if work.host is None or work.host.guest is not work:
                self._coming = False
            if work.state is not State.GIVEN:
                return False
            work.state = State.RUNNING
            work.disown = worker.disown
            self._fill_if_possible()
            return True

    def finish(self, work: Work, worker: Worker) -> Work | None:
        """Look for the next work, and tell the event loop of what is done."""
        with self._lock:
            is_awaited = work.state is State.RUNNING
            following = self._vacate(work) if work.state is not State.ABANDONED else None
            work.end()
            work.disown = int
            if not worker.ends:
                following = following or self._next()
                if following is not None:
                    following.state = State.GIVEN
                elif self.closed or len(self._idle) >= self._most:
                    worker.ends = True
                else:
                    self._idle.append(worker)
            else:
                self._launch_guest(following)
                following = None
                self._fill_if_possible()
        # Afterwards, or what the event loop asks for next would find this worker still busy.
        if is_awaited:
            self._tell_of(work)
        return following

    def refuse(self, work: Work, error: RuntimeError) -> None:
        """The computer has no thread for it: let one that is there do it, or else let it fail."""
        with self._lock:
            host = work.host
            if host is not None and host.guest is work:
                self._launch_guest(self._fail(work, error))
                return
            self._coming = False
            self._running -= 1
            # Who runs may be waiting for it, if it has a host, and not come to it.
            if work.state is State.GIVEN and (self._idle or (self._running and host is None)):
                work.state = State.WAITING
                self._line.appendleft(work)
            else:
                self._fail(work, error)
            if self._idle or not self._running:
                self._fill_if_possible()

    def go_on(self, work: Work) -> bool:
        """Whether the work may make one more call: it is wanted, and its thread by nobody else."""
        with self._lock:
            if work.state is not State.RUNNING or self._line:
                return False
            work.turns += 1
            return True

    def leave(self, worker: Worker) -> bool:
        """Whether an idle worker may end: nobody has woken it meanwhile."""
        with self._lock:
            if worker not in self._idle:
                return False
            self._idle.remove(worker)
            return True

    def retire(self, worker: Worker) -> None:
        """End a worker now if it is idle, or else when it has done its work."""
        worker.ends = True
        if self.leave(worker):
            worker.give(None)

    def _invite(self, work: Work, host: Work) -> bool:
        """Have the work done in an extra thread, unless the host has a guest; then it is next."""
        if host.state is not State.RUNNING:
            return False
        if host.guest is not None:
            host.expect(work)
            work.host = work.host or host
            return False
        work.host, host.guest = host, work
        try:
            self._launch(work)
        except RuntimeError:
            host.guest = None
            work.state = State.WAITING
            raise
        return True

    def _vacate(self, work: Work) -> Work | None:
        """Free the place of a work; if it was a guest, the place is the next guest's."""
        host = work.host
        if host is None or host.guest is not work:
            self._running -= 1
            return None
        host.guest = None
        while host.guests and host.state is State.RUNNING:
            guest = host.guests.popleft()
            if guest.state is State.WAITING:  # and not the guest of another host already
                guest.host, host.guest = host, guest
                return guest
        return None

    def _next(self) -> Work | None:
        while self._line and self._running < self._most:
            work = self._line.popleft()
            if work.state is State.WAITING:
                self._running += 1
                return work
        return None

    def _fill(self) -> None:
        # One at a time: it wakes the next when it is there, and often it does all by itself.
        if not self._coming and (work := self._next()) is not None:
            self._coming = True
            try:
                self._launch(work)
            except RuntimeError:
                self._coming = False
                self._running -= 1
                work.state = State.WAITING
                self._line.appendleft(work)
                raise

    def _fill_if_possible(self) -> None:
        try:
            self._fill()
        except RuntimeError as error:
            while self._line and not self._running:  # else the threads there are go on
                self._fail(self._line.popleft(), error)

    def _launch_guest(self, guest: Work | None) -> None:
        while guest is not None:
            try:
                self._launch(guest)
            except RuntimeError as error:
                guest = self._fail(guest, error)
            else:
                return

    def _fail(self, work: Work, error: RuntimeError) -> Work | None:
        """Let it fail if it is still wanted; if it was a guest, say which is the next."""
        is_guest = work.host is not None and work.host.guest is work
        if work.state in (State.WAITING, State.GIVEN):
            work.state, work.error = State.DONE, error
            self._tell_of(work)
        return self._vacate(work) if is_guest else None

    def _tell_of(self, work: Work) -> None:
        self._finished.append(work)
        if not self._told:
            self._told = True
            self._call_soon(self._deliver)

    def _launch(self, work: Work) -> None:
        work.state = State.GIVEN
        if self._idle:
            self._idle.pop().give(work)
        else:
            self._start(Worker(self, work))

    def _call_soon(self, function: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # the event loop has ended, and nobody waits
            self._soon(function)

    def _deliver(self) -> None:
        self._told = False
        try:
            while self._finished:
                self._finished.popleft().done()
        finally:
            if self._finished:  # one has failed, and the others must hear of theirs
                self._told = True
                self._call_soon(self._deliver)


_all: weakref.WeakSet[Threads] = weakref.WeakSet()
_shared: RunVar[Threads] = RunVar("postlude_threads")


async def _close_at_the_end(threads: Threads) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        threads.close()


def threads_of_this_loop() -> Threads:
    """The threads for tasks that no runner has."""
    threads = _shared.get(None)
    if threads is None or threads.closed:
        threads = Threads(MAX_THREADS)
        threads.close_with_the_loop()
        _shared.set(threads)
    return threads


def _forget_threads() -> None:
    for threads in tuple(_all):
        threads.empty()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)
