"""All waits of a pool on one heap, with one alarm of the event loop for the earliest."""

from __future__ import annotations

import heapq
import itertools
import logging
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude._clock import Alarm, Clock

# Below this many, calls that were called off are not worth a clearing.
FEW = 64


class Wait:
    """A call that is to come, unless it is called off."""

    __slots__ = ("_timer", "function")

    def __init__(self, timer: Timer, function: Callable[[], object]) -> None:
        """Hold what to call; a timer makes these."""
        self.function: Callable[[], object] | None = function
        self._timer = timer

    def cancel(self) -> None:
        """Call it off; nothing happens if it came already."""
        if self.function is not None:
            self.function = None
            self._timer.called_off()


class Timer:
    """Calls functions at their moments of a clock, on the event loop that it is used in.

    A timer of the event loop per wait costs three times as much to set, and more with every one
    that is pending.
    """

    def __init__(self, clock: Clock) -> None:
        """Nothing is set before the first `call_at`."""
        self._clock = clock
        self._heap: list[tuple[float, int, Wait]] = []
        self._order = itertools.count()
        self._dead = 0
        self._alarm: Alarm | None = None
        self._set_for = 0.0

    def __len__(self) -> int:
        """How many calls are to come."""
        return len(self._heap) - self._dead

    def entries(self) -> int:
        """How many places of the heap are taken, those of calls that will not come included."""
        return len(self._heap)

    def call_at(self, when: float, function: Callable[[], object]) -> Wait:
        """Call the function at `when` or shortly after; those of one moment in the order set.

        What is set for `inf` never comes, and can be called off.
        """
        wait = Wait(self, function)
        heapq.heappush(self._heap, (when, next(self._order), wait))
        if self._alarm is None or when < self._set_for:
            self._set()
        return wait

    def called_off(self) -> None:
        """Count a call that will not come, and clear the heap when it holds mostly such."""
        self._dead += 1
        if self._dead > FEW and self._dead * 2 > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].function is not None]
            heapq.heapify(self._heap)
            self._dead = 0
            self._set()

    def stop(self) -> None:
        """Call off everything."""
        self._heap.clear()
        self._dead = 0
        self._set()

    def _set(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._heap and self._heap[0][0] < math.inf:
            self._set_for = self._heap[0][0]
            self._alarm = self._clock.call_at(self._set_for, self._ring)

    def _ring(self) -> None:
        now = self._clock.now()
        try:
            while self._heap and self._heap[0][0] <= now:
                wait = heapq.heappop(self._heap)[2]
                if wait.function is None:
                    self._dead -= 1
                    continue
                function, wait.function = wait.function, None
                _call(function)
        finally:
            self._set()


def _call(function: Callable[[], object]) -> None:
    try:
        function()
    except Exception:
        # The other waits, and on trio the whole event loop, must not suffer for it.
        logging.getLogger("postlude").exception("a call at its time failed")
