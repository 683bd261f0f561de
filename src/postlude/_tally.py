"""Calls that succeeded one after another, for observers that count many at once."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from postlude._events import TaskStarted, everyone
from postlude._execution import Execution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from postlude._call import Call


class Tally:
    """What is not counted yet, and the call that has events of its own: it waits, or failed.

    Attributes:
        ticks: When the first that is not counted yet began, and when each ended: each that
            completed and waited for nothing.
        execution: That of the call that is told apart.
    """

    __slots__ = ("_calls", "_first", "execution", "ticks")

    def __init__(self, calls: Sequence[Call], first: int) -> None:
        """Begin now, with the call at that position."""
        self._calls = calls
        self._first = first
        self.execution: Execution | None = None
        self.ticks = [monotonic()]

    def tell_apart(self, call: Call) -> Execution:
        """Count those before this call, and tell that it has begun."""
        execution = self.execution
        if execution is None:
            self.hand_over()
            execution = self.execution = Execution(call)
            execution.begin_at(self.ticks[-1])
            execution.tell(TaskStarted)
        return execution

    def go_on(self) -> None:
        """Begin anew after a call that was told apart."""
        self.execution = None
        self._first += 1
        self.ticks = [monotonic()]

    def hand_over(self) -> None:
        """Have them counted."""
        end = self._first + len(self.ticks) - 1
        if end > self._first:
            everyone.tally(self._calls[self._first : end], self.ticks)
        self._first = end
        self.ticks = [self.ticks[-1]]
