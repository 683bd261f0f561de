"""One run of a worker: from its start until nothing is left for it."""

from __future__ import annotations

import contextlib
import threading
from asyncio import CancelledError
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
from postlude._cancellation import take_back
from postlude._clock import clock
from postlude._execution import interrupted_by
from postlude._options import DEFAULT_ASYNC
from postlude._outcome import Cancelled
from postlude._timer import Timer
from postlude._waiter import Loop, Waiter

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._clock import Clock
    from postlude._job import Job
    from postlude.queue._item import Item
    from postlude.queue._queue import TaskQueue
    from postlude.queue._rate import Rate

# A slot whose tasks never wait for anything lets others run after this many seconds.
TURN = 0.005


class Shift:
    """Takes tasks of some types from a queue and runs them, so many at a time.

    It has as many slots as tasks may run at a time. A task that waits until it is due, for its
    first attempt or the next, is held by the shift but by no slot, and goes back to the end of the
    line then, for whoever is free.
    """

    def __init__(
        self,
        queue: TaskQueue,
        name: str,
        *,
        kinds: frozenset[str] | None,
        slots: int,
        rate: Rate | None,
    ) -> None:
        """Begin, as far as the queue can see; nothing runs before `run`."""
        self.name = name
        self.kinds = kinds
        self.finished = 0
        self._queue = queue
        self._slots = slots
        self._rate = rate
        self._loop = Loop()
        self._held = 0
        self._is_stopped = False
        self._later: dict[Item, None] = {}
        self._paused: list[Waiter] = []
        self._ticking = False
        self._timers: dict[Clock, Timer] = {}
        queue.enter(self)

    async def run(self) -> None:
        """Serve until the queue is closed and nothing is left for this worker."""
        try:
            async with anyio.create_task_group() as group:
                for _ in range(self._slots):
                    group.start_soon(self._serve)
        finally:
            self.leave()
            for item in list(self._later):
                self._come_back(item)
            for timer in self._timers.values():
                timer.stop()

    def stop(self) -> None:
        """Its pool ends: what need not be done now is left."""
        self._is_stopped = True

    def leave(self) -> None:
        """Be no longer there for the queue."""
        self._queue.leave(self)

    def would_take(self, item: Item) -> bool:
        """Whether it may take such a task from the queue."""
        return item.queue is self._queue and (self.kinds is None or item.kind in self.kinds)

    def look(self) -> None:
        """See whether it is over; from any thread."""
        self._call_here(self._wake_paused)

    def cancel(self, item: Item, reason: str) -> None:
        """End a task that this worker holds; from any thread."""
        self._call_here(lambda: self._cancel(item, reason))

    def hasten(self, job: Job) -> None:
        """Let a job have a thread of who waits for it, if that is what it needs; in any thread."""
        self.hurry(job, set())

    def hurry(self, job: Job, known: set[Job]) -> None:
        """Have `job.hurry` called on the event loop; from any thread."""
        with contextlib.suppress(RuntimeError):  # the event loop has ended, and with it the job
            self._call_here(partial(job.hurry, known))

    def _call_here(self, function: Callable[[], object]) -> None:
        if threading.get_ident() == self._loop.thread:
            function()
        else:
            self._loop.soon(function)

    async def _serve(self) -> None:
        was_cancelled = False
        while not self._is_over():
            try:
                # One scope for many tasks, and a new one when a task was cancelled by it.
                with anyio.CancelScope() as scope:
                    if was_cancelled:
                        # Where all of the event loop was, the end comes before the next task.
                        await anyio.lowlevel.checkpoint()
                        was_cancelled = False
                    await self._work(scope)
            except CancelledError:
                if not take_back():
                    raise
                was_cancelled = True
                self._queue.stir()

    def _is_over(self) -> bool:
        return not (self._queue.is_open or self._held or self._queue.has_for(self.kinds))

    def _take(self) -> Item | None:
        return self._queue.take(self)

    async def _work(self, scope: anyio.CancelScope) -> None:
        since = monotonic()
        while not scope.cancel_called:
            delay = self._rate.delay(clock().now()) if self._rate is not None else 0.0
            item = self._take() if not delay else None
            if item is None:
                if self._is_over():
                    return
                await self._rest(delay)
                since = monotonic()
                continue
            if item.due and item.due > clock().now():
                self._keep(item)
                continue
            if self._rate is not None:
                self._rate.note(clock().now())
            await self._run(item, scope)
            if monotonic() - since > TURN:
                await anyio.lowlevel.checkpoint()
                since = monotonic()

    async def _rest(self, delay: float) -> None:
        waiter = Waiter(self._loop)
        if (delay and self._queue.has_for(self.kinds)) or not self._queue.is_open:
            # Not among those whom the queue wakes: there is nothing that this one may take.
            self._paused.append(waiter)
            if delay:
                self._set_timer(delay)
                self._queue.pass_on(self.kinds)
        elif not self._queue.rest(self, waiter):
            return
        await waiter.wait()

    def _set_timer(self, delay: float) -> None:
        if not self._ticking:
            self._ticking = True
            self._timer().call_at(clock().now() + delay, self._tick)

    def _tick(self) -> None:
        self._ticking = False
        self._wake_paused()

    def _timer(self) -> Timer:
        timer = self._timers.get(clock())
        if timer is None:
            timer = self._timers[clock()] = Timer(clock())
        return timer

    def _wake_paused(self) -> None:
        paused, self._paused = self._paused, []
        for waiter in paused:
            waiter.wake()

    async def _run(self, item: Item, scope: anyio.CancelScope) -> None:
        item.scope = scope
        self._held += 1
        try:
            if item.call.options is not DEFAULT_ASYNC or item.audience.observers:
                await item.attempt()
            elif (rest := item.set_off()) is not None:
                await rest
        except BaseException as error:
            item.cancel(item.reason or interrupted_by(error))
            raise
        finally:
            item.scope = None
            self._held -= 1
            if not item.is_over and item.reason:
                item.cancel(item.reason)
            if item.is_over:
                self._end(item)
            else:
                self._keep(item)

    def _keep(self, item: Item) -> None:
        self._held += 1
        self._later[item] = None
        item.pause = self._timer().call_at(item.due, partial(self._come_back, item))
        self._queue.tell()

    def _come_back(self, item: Item) -> None:
        self._let_go(item)
        self._queue.put_back(item)

    def _let_go(self, item: Item) -> None:
        assert item.pause is not None
        item.pause.cancel()
        item.pause = None
        del self._later[item]
        self._held -= 1

    def _cancel(self, item: Item, reason: str) -> None:
        if item.is_over:
            return
        if item.holder is not self:  # it went back in line meanwhile
            self._queue.cancel(item, reason)
            return
        item.reason = reason
        if item.scope is not None:
            item.scope.cancel()
        else:
            self._let_go(item)
            item.cancel(reason)
            self._end(item)

    def _end(self, item: Item) -> None:
        self.finished += item.has_succeeded or not isinstance(item.outcome, Cancelled)
        self._queue.end(item)
