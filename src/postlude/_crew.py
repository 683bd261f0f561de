"""Executions run in the order they were added, so many at a time."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import deque
from typing import TYPE_CHECKING

import anyio
from postlude._attendance import Attendance
from postlude._cancellation import cancellations, stop_if_cancelled
from postlude._clock import clock
from postlude._dispatch import here_or_sending
from postlude._execution import Execution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyio.abc import TaskGroup
    from postlude._call import Call


async def attend_in_turn(calls: Sequence[Call]) -> None:
    """Run calls one at a time, without outcomes."""
    since, known = clock().now(), len(calls)
    attendance = Attendance(calls)
    try:
        while not await attendance.attend():
            position = attendance.position
            options = calls[position].options
            if options.retry_policy is not None or options.delay is not None:
                attendance.position = len(calls)
                await _Turns(calls, position, since=since, known=known, sends=True).run()
                return
            attendance.position += 1
            await Execution(here_or_sending(calls[position])).finish()
    except BaseException as error:
        attendance.lose_rest(error)
        raise


async def in_turn(calls: Sequence[Call]) -> list[Execution]:
    """Run calls one at a time; one that waits lets the next ones pass."""
    return await _Turns(calls, 0, since=clock().now(), known=len(calls), sends=False).run()


class _Turns:
    """Runs the calls of a growing list one at a time, from position `start` on.

    The first `known` of them were handed over at `since`, the others when they are seen. With
    `sends`, those that name an engine go there.
    """

    def __init__(
        self, calls: Sequence[Call], start: int, *, since: float, known: int, sends: bool
    ) -> None:
        self._executions: list[Execution] = []
        self._calls = calls
        self._start = start
        self._since = since
        self._known = known
        self._sends = sends
        self._waiting = _Waiting()

    async def run(self) -> list[Execution]:
        try:
            await self._run()
        except BaseException as error:
            _give_up(self._executions, error)
            raise
        return self._executions

    async def _run(self) -> None:
        ready: deque[Execution] = deque()
        waiting, before = self._waiting, cancellations()
        while True:
            self._admit(ready)
            if (due := waiting.pop(clock().now())) is not None:
                execution = due
            elif ready:
                execution = ready.popleft()
            elif waiting:
                await clock().sleep(waiting.until - clock().now())
                continue
            else:
                return
            await execution.attempt()
            if execution.outcome is None:
                waiting.add(execution)
            if waiting or ready:
                await stop_if_cancelled(before)

    def _admit(self, ready: deque[Execution]) -> None:
        while (position := self._start + len(self._executions)) < len(self._calls):
            call = self._calls[position]
            execution = Execution(here_or_sending(call) if self._sends else call)
            self._executions.append(execution)
            if execution.put_off(self._since if position < self._known else clock().now()):
                self._waiting.add(execution)
            else:
                ready.append(execution)


class Crew:
    """Runs the calls of a growing list, at most `limit` at a time (`None`: all at once).

    With `sends`, those that name an engine go there.
    """

    def __init__(self, calls: Sequence[Call], limit: int | None, *, sends: bool = False) -> None:
        """Prepare; nothing starts before `run`."""
        self.executions: list[Execution] = []
        self._calls = calls
        self._limit = limit
        self._sends = sends
        self._running = 0
        self._coming = 0
        self._ready: deque[Execution] = deque()
        self._waiting = _Waiting()
        self._due: deque[Execution] = deque()
        self._thread = threading.get_ident()

    async def run(self) -> list[Execution]:
        """Run everything, also what is added meanwhile."""
        try:
            async with anyio.create_task_group() as group:
                self._group: TaskGroup | None = group
                self._fill()
        except BaseException as error:
            _give_up(self.executions, error)
            raise
        self._group = None
        return self.executions

    def notice(self) -> None:
        """Start what has been added, if there is room; from another thread, a little later."""
        if threading.get_ident() == self._thread:
            self._fill()

    def _fill(self) -> None:
        self._admit()
        while self._group is not None and self._has_room() and self._coming < self._count():
            self._coming += 1
            self._group.start_soon(self._work)

    def _has_room(self) -> bool:
        return self._limit is None or self._coming + self._running < self._limit

    def _admit(self) -> None:
        while self._group is not None and len(self.executions) < len(self._calls):
            call = self._calls[len(self.executions)]
            execution = Execution(here_or_sending(call) if self._sends else call)
            self.executions.append(execution)
            if execution.put_off(clock().now()):
                self._wait_for(execution)
            else:
                self._ready.append(execution)

    def _count(self) -> int:
        return len(self._due) + len(self._ready)

    def _next(self) -> Execution:
        return self._due.popleft() if self._due else self._ready.popleft()

    async def _work(self) -> None:
        # What to run is chosen here and not by who starts this: trio starts tasks in any order.
        self._coming -= 1
        self._running += 1
        before = cancellations()
        while self._count():
            execution = self._next()
            await execution.attempt()
            await stop_if_cancelled(before)
            if execution.outcome is None:
                self._wait_for(execution)
            self._fill()
        self._running -= 1

    def _wait_for(self, execution: Execution) -> None:
        assert self._group is not None  # who runs or is let in, does so within it
        self._waiting.add(execution)
        self._group.start_soon(self._wait, execution)

    async def _wait(self, execution: Execution) -> None:
        due = execution.due
        await execution.wait_until_due()
        # Whoever wakes first lets in all of this moment: who that is differs.
        while (one := self._waiting.pop(max(due, clock().now()))) is not None:
            self._due.append(one)
        self._fill()


class _Waiting:
    """Executions whose next attempt comes later; those of one moment in the order they came."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Execution]] = []
        self._order = itertools.count()

    def __bool__(self) -> bool:
        return bool(self._heap)

    @property
    def until(self) -> float:
        """When the first of them is due."""
        return self._heap[0][0]

    def add(self, execution: Execution) -> None:
        heapq.heappush(self._heap, (execution.due, next(self._order), execution))

    def pop(self, now: float) -> Execution | None:
        """The first that is due by now, if there is one."""
        return heapq.heappop(self._heap)[2] if self and self.until <= now else None


def _give_up(executions: list[Execution], error: BaseException) -> None:
    """End those that wait, so that observers and readers of the log know of their end."""
    for execution in executions:
        if execution.outcome is not None:
            continue
        if execution.attempts or execution.due:
            execution.interrupted(error)
        else:
            execution.lose(f"its group was interrupted by {type(error).__name__}")
