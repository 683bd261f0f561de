"""A task that is due once."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio
from postlude._clock import clock
from postlude._dispatch import engine_for, sending
from postlude._diversion import diversions
from postlude._outcome import Cancelled
from postlude.scheduler._zone import in_zone

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from postlude._call import Call
    from postlude._handle import Canceller
    from postlude._job import Job
    from postlude._outcome import Outcome
    from postlude._pool import Pool
    from postlude._task import BackgroundTask


class Delayed:
    """Hands a call over to a pool, which keeps it until it is due."""

    def __init__(self, task: BackgroundTask, pool: Pool, zone: tzinfo) -> None:
        """Prepare; the task's delay counts from `begin`."""
        self.name = task.name
        self.is_paused = False
        self.is_over = False
        self._task = task
        self._pool = pool
        self._canceller: Canceller = pool
        self._zone = zone
        self._job: Job | None = None
        self._due = math.inf
        self._begun: anyio.Event | None = None

    def begin(self) -> None:
        """Hand it over; from any thread."""
        if self.is_over or self._job is not None:
            return
        if diversions:
            self._canceller = diversions[-1]
            handle = self._canceller.submitted_now(self._task, self._pool)
            self._job = self._pool.history.get(handle.id)
            assert self._job is not None
        else:
            self._job = self._pool.enter(self._local_call())
        self._due = self._job.due
        if self.is_paused:
            self._pool.call_here(self._hold)
        if self._begun is not None:
            self._begun.set()

    def cancel(self) -> None:
        """Do not run it, or not to its end; from any thread."""
        self.is_over = True
        if self._job is not None:
            self._canceller.cancel(self._job, "its schedule was cancelled")
        elif self._begun is not None:
            self._begun.set()

    def pause(self) -> None:
        """Do not start it for now; from any thread."""
        self.is_paused = True
        if self._job is not None:
            self._pool.call_here(self._hold)

    def resume(self) -> None:
        """Start it when it is due, or now if that has passed; from any thread."""
        if self.is_paused:
            self.is_paused = False
            if self._job is not None:
                self._pool.call_here(self._let_go)

    def next_run(self) -> datetime | None:
        """When it is due; `None` once it has started."""
        job = self._job
        if job is None or job.pause is None or self.is_paused:
            return None
        left = timedelta(seconds=self._due - clock().now())
        return in_zone(clock().utcnow() + left, self._zone)

    @property
    def last_outcome(self) -> Outcome | None:
        """What became of it."""
        return None if self._job is None else self._job.outcome

    async def wait(self) -> Outcome:
        """Wait until it has ended."""
        if self._job is None and not self.is_over:
            if self._begun is None:
                self._begun = anyio.Event()
            await self._begun.wait()
        if self._job is None:
            reason = "its schedule was cancelled"
            return Cancelled(reason=reason, task_id="", name=self.name, attempts=0, duration=0.0)
        return await self._job.wait()

    def _local_call(self) -> Call:
        engine = engine_for(self._task, self._pool.engine)
        return self._task if engine is None else sending(self._task, engine)

    def _hold(self) -> None:
        if self._job is not None and self._job.attempts == 0:
            self._pool.postpone(self._job, math.inf)

    def _let_go(self) -> None:
        if self._job is not None and self._job.attempts == 0:
            self._pool.postpone(self._job, self._due)
