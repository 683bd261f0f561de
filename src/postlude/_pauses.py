"""Jobs that wait until they are due, and are in nobody's way meanwhile."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from postlude._clock import clock
from postlude._timer import Timer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from postlude._clock import Clock
    from postlude._job import Job
    from postlude._timer import Wait


class Pauses:
    """Those of one pool, on the clocks in force when each began.

    Attributes:
        late: The jobs that are due only after the horizon.
    """

    def __init__(self, come_back: Callable[[Job], object]) -> None:
        """Have none; `come_back` is called with each job that is due, on the event loop."""
        self.late: set[Job] = set()
        self._come_back = come_back
        self._horizon = math.inf
        self._timers: dict[Clock, Timer] = {}

    def call_at(self, when: float, function: Callable[[], object]) -> Wait:
        """Call the function at that moment of the clock in force."""
        timer = self._timers.get(clock())
        if timer is None:
            timer = self._timers[clock()] = Timer(clock())
        return timer.call_at(when, function)

    def begin(self, job: Job) -> bool:
        """Let a job wait until it is due; whether that is after the horizon."""
        job.pause = self.call_at(job.due, partial(self._over, job))
        if job.due > self._horizon:
            self.late.add(job)
        return job in self.late

    def end(self, job: Job) -> bool:
        """Let a job wait no longer; whether it did."""
        if job.pause is None:
            return False
        job.pause.cancel()
        job.pause = None
        self.late.discard(job)
        return True

    def look_ahead(self, horizon: float, jobs: Iterable[Job]) -> None:
        """From here on, what is due only after this moment is late."""
        self._horizon = horizon
        self.late.update(job for job in jobs if job.pause and job.due > horizon)

    def stop(self) -> None:
        """Call nothing any more."""
        for timer in self._timers.values():
            timer.stop()

    def _over(self, job: Job) -> None:
        job.pause = None
        self.late.discard(job)
        self._come_back(job)
