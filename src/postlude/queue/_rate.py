"""So many starts within a time: a window that slides."""

from __future__ import annotations

import sys
from collections import deque
from datetime import timedelta
from typing import cast

from postlude._options import LONGEST


class Rate:
    """At most `count` starts within any `per` seconds.

    It remembers the last `count` moments, so the bound holds in every window, wherever it begins,
    and not only on average.
    """

    __slots__ = ("_count", "_per", "_starts")

    def __init__(self, count: int, per: float) -> None:
        """Begin with an empty window."""
        self._count = count
        self._per = per
        self._starts: deque[float] = deque(maxlen=count)

    def delay(self, now: float) -> float:
        """How many seconds the next start has to wait; 0 if it may be at once."""
        if self._starts and now < self._starts[-1]:  # on another clock, in the next test
            self._starts.clear()
        if len(self._starts) < self._count:
            return 0.0
        return max(0.0, self._starts[0] + self._per - now)

    def note(self, now: float) -> None:
        """There was a start."""
        self._starts.append(now)


def checked_rate(rate: object) -> tuple[int, float] | None:
    """The count and the seconds of `(count, per)`.

    Raises:
        TypeError: It is no such pair.
        ValueError: One of them is 0 or less.
    """
    if rate is None:
        return None
    advice = "write rate=(10, 1.0) for ten starts per second"
    pair = cast("tuple[object, ...]", rate)
    if not isinstance(rate, tuple) or len(pair) != 2:
        raise TypeError(f"rate={rate!r} must be a pair of a count and a time: {advice}")
    count, per = pair
    seconds = per.total_seconds() if isinstance(per, timedelta) else per
    if type(count) is not int or isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(
            f"rate={rate!r} must be a whole number and seconds or a timedelta: {advice}"
        )
    if not (0 < count <= sys.maxsize and 0 < seconds <= LONGEST):
        raise ValueError(
            f"rate={rate!r} must be at least one start in more than 0 seconds: {advice}"
        )
    return count, float(seconds)
