"""Calls that succeeded one after another, for observers that count many at once."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from postlude._events import TaskStarted, everyone
from postlude._execution import Execution

if TYPE_CHECKING:
    from postlude._call import Call


class Tally:
    """What is not counted yet, and the call that has events of its own: it waits, or failed.

    Attributes:
        calls: Those that completed and waited for nothing.
        ticks: When the first of them began, and when each ended.
        execution: That of the call that is told apart.
    """

    __slots__ = ("calls", "execution", "ticks")

    calls: list[Call]
    execution: Execution | None
    ticks: list[float]

    def __init__(self) -> None:
        """Begin now."""
        self.go_on()

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
        self.calls = []
        self.ticks = [monotonic()]

    def hand_over(self) -> None:
        """Have them counted."""
        if self.calls:
            everyone.tally(self.calls, self.ticks)
        self.calls = []
        self.ticks = [self.ticks[-1]]
