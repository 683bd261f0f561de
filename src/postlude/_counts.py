"""How many tasks ended in which way, and how long they took, in constant space."""

from __future__ import annotations

import math
from array import array
from operator import add
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Each power of two is cut into 16 equal steps, from a tenth of a millisecond to 36 hours: a value
# is then known to 1/16, and the middle of its step is off by half of that at most.
STEPS = 16
_LOWEST = -13
_HIGHEST = 18
_SIZE = (_HIGHEST - _LOWEST) * STEPS


class Counts:
    """Ended tasks, added up; two of them can be merged.

    Attributes:
        completed: How many returned.
        failed: How many did not, `timed_out` ones included.
        timed_out: How many of those ran out of time.
        cancelled: How many were not run, or not to their end.
        retries: How many attempts were followed by another.
        seconds: The durations of those that completed or failed, summed.
    """

    __slots__ = (
        "_durations",
        "cancelled",
        "completed",
        "failed",
        "retries",
        "seconds",
        "timed_out",
    )

    def __init__(self) -> None:
        """Begin with none."""
        self.completed = self.failed = self.timed_out = self.cancelled = self.retries = 0
        self.seconds = 0.0
        self._durations: array[int] | None = None

    @property
    def run(self) -> int:
        """How many ran to an end of their own."""
        return self.completed + self.failed

    @property
    def ended(self) -> int:
        """How many ended, cancelled ones included."""
        return self.completed + self.failed + self.cancelled

    @property
    def failure_rate(self) -> float:
        """The share of those that failed, among those that ran to an end of their own."""
        return self.failed / self.run if self.run else 0.0

    @property
    def average_duration(self) -> float:
        """Seconds per task that ran to an end of its own."""
        return self.seconds / self.run if self.run else 0.0

    def complete(self, duration: float, step: int, times: int = 1) -> None:
        """Count tasks that completed, each after so many seconds, which is in that step."""
        self.completed += times
        self.seconds += duration * times
        self._steps()[step] += times

    def fail(self, duration: float, step: int) -> None:
        """Count a task that failed after so many seconds, which is in that step."""
        self.failed += 1
        self.seconds += duration
        self._steps()[step] += 1

    def percentile(self, share: float) -> float:
        """The duration that this share of the tasks stayed below, in seconds."""
        left = math.ceil(self.run * share)
        for step, times in enumerate(self._durations or ()):
            left -= times
            if left <= 0 < times:
                return _middle(step)
        return 0.0

    def merge(self, others: Iterable[Counts]) -> None:
        """Count all that others have counted, too."""
        for other in others:
            self.completed += other.completed
            self.failed += other.failed
            self.timed_out += other.timed_out
            self.cancelled += other.cancelled
            self.retries += other.retries
            self.seconds += other.seconds
            if other._durations is not None:
                self._durations = array("Q", map(add, self._steps(), other._durations))

    def _steps(self) -> array[int]:
        if self._durations is None:
            self._durations = array("Q", bytes(8 * _SIZE))
        return self._durations


def step_of(duration: float) -> int:
    """Where a duration is counted."""
    fraction, power = math.frexp(duration)  # the fraction is from 0.5 to 1
    step = (power - _LOWEST) * STEPS + int((fraction - 0.5) * 2 * STEPS)
    return min(max(step, 0), _SIZE - 1) if duration > 0 else 0


def _middle(step: int) -> float:
    power, part = divmod(step, STEPS)
    return math.ldexp(0.5 + (part + 0.5) / (2 * STEPS), power + _LOWEST)
