"""Executions run in the order they were added, so many at a time."""

from __future__ import annotations

import heapq
import threading
from collections import deque
from typing import TYPE_CHECKING

import anyio
from postlude._clock import clock
from postlude._execution import Execution, attend, interrupted_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyio.abc import TaskGroup
    from postlude._call import Call


async def attend_in_turn(calls: Sequence[Call]) -> None:
    """Run calls one at a time, without outcomes."""
    position = 0
    while (position := await attend(calls, position)) < len(calls):
        if calls[position].options.retry_policy is not None:
            await in_turn(calls, start=position)
            return
        await Execution(calls[position]).finish()
        position += 1


async def in_turn(calls: Sequence[Call], *, start: int = 0) -> list[Execution]:
    """Run calls one at a time; one that waits for its retry lets the next ones pass."""
    executions: list[Execution] = []
    try:
        return await _take_turns(calls, start, executions)
    except BaseException as error:
        _give_up(executions, error)
        raise


async def _take_turns(
    calls: Sequence[Call], start: int, executions: list[Execution]
) -> list[Execution]:
    waiting: list[tuple[float, int, Execution]] = []
    while True:
        position = start + len(executions)
        if waiting and waiting[0][0] <= clock().now():
            execution = heapq.heappop(waiting)[2]
        elif position < len(calls):
            execution = Execution(calls[position])
            executions.append(execution)
        elif waiting:
            await clock().sleep(waiting[0][0] - clock().now())
            continue
        else:
            return executions
        await execution.attempt()
        if execution.outcome is None:
            heapq.heappush(waiting, (execution.due, id(execution), execution))


class Crew:
    """Runs the calls of a growing list, at most `limit` at a time (`None`: all at once)."""

    def __init__(self, calls: Sequence[Call], limit: int | None) -> None:
        """Prepare; nothing starts before `run`."""
        self.executions: list[Execution] = []
        self._calls = calls
        self._limit = limit
        self._running = 0
        self._coming = 0
        self._retries: deque[Execution] = deque()
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
        while self._group is not None and self._has_room() and self._coming < self._ready():
            self._coming += 1
            self._group.start_soon(self._work)

    def _has_room(self) -> bool:
        return self._limit is None or self._coming + self._running < self._limit

    def _ready(self) -> int:
        return len(self._retries) + len(self._calls) - len(self.executions)

    def _next(self) -> Execution:
        if self._retries:
            return self._retries.popleft()
        execution = Execution(self._calls[len(self.executions)])
        self.executions.append(execution)
        return execution

    async def _work(self) -> None:
        # What to run is chosen here and not by who starts this: trio starts tasks in any order.
        self._coming -= 1
        self._running += 1
        while self._ready():
            execution = self._next()
            await execution.attempt()
            if execution.outcome is None and self._group is not None:
                self._group.start_soon(self._wait, execution)
            self._fill()
        self._running -= 1

    async def _wait(self, execution: Execution) -> None:
        await clock().sleep(execution.due - clock().now())
        self._retries.append(execution)
        self._fill()


def _give_up(executions: list[Execution], error: BaseException) -> None:
    """End those that wait for their retry, so that observers do not wait for their end."""
    for execution in executions:
        if execution.outcome is None:
            execution.cancel(interrupted_by(error))
