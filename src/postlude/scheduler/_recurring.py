"""A task that is due again and again."""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import anyio
from postlude._clock import clock
from postlude._dispatch import engine_for, sending
from postlude._diversion import diversions
from postlude._job import Job
from postlude._outcome import Cancelled
from postlude._report import logger
from postlude.scheduler._trigger import Every, overdue
from postlude.scheduler._zone import in_zone

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from postlude._call import Call
    from postlude._outcome import Outcome
    from postlude._pool import Pool
    from postlude._timer import Wait
    from postlude.scheduler._plan import Plan
    from postlude.scheduler._trigger import Trigger

# How late a firing may be and still count as in time, where what is missed is skipped.
IN_TIME = timedelta(seconds=60)
# A wall clock that is set back by less does not let anything fire a second time.
CORRECTION = timedelta(hours=3)
# What is late by less is no news: every event loop is, now and then.
LATE = timedelta(seconds=1)
# How many missed firings are made up for at most.
MOST = 1000
# Two clocks are compared, and neither is exact.
_SLACK = timedelta(milliseconds=1)


class Recurring:
    """Hands a call over to a pool whenever it is due, and hears from each job what became of it."""

    _follows_wall = False

    def __init__(self, call: Call, plan: Plan, pool: Pool, zone: tzinfo) -> None:
        """Prepare; nothing is due before `begin`."""
        self.name = call.name
        self.is_paused = False
        self.is_over = False
        self.last_outcome: Outcome | None = None
        self._call = call
        self._plan = plan
        self._pool = pool
        self._zone = zone
        self._wait: Wait | None = None
        self._anchor: tuple[datetime, float] | None = None
        self._jobs: dict[Job, None] = {}
        self._held: dict[Job, float] = {}
        self._backlog = 0
        self._skipping = False
        self._is_stopped = False
        self._ended: anyio.Event | None = None

    def begin(self) -> None:
        """Be due from now on; on the event loop, as all that follows unless it says otherwise."""
        if self.is_over or self._wait is not None:
            return
        now = clock().utcnow()
        self._is_stopped = False
        self._anchor = None
        if self._plan.trigger is None:
            assert self._plan.interval is not None
            self._trigger: Trigger = Every(self._plan.interval, now + self._plan.interval)
            self._anchor = now, clock().now()
        else:
            self._trigger = self._plan.trigger
        self._aim(self._first_after(now))
        if self.is_paused:
            self._stand_down()

    def end(self) -> None:
        """Be due no more, because the scheduler stops; what runs goes on."""
        self._is_stopped = True
        self._disarm()

    def cancel(self) -> None:
        """Be due no more, for good; from any thread."""
        self.is_over = True
        self._backlog = 0
        self._on_loop(self._disarm)

    def pause(self) -> None:
        """Be due no more for now; from any thread."""
        self.is_paused = True
        self._on_loop(self._hold)

    def resume(self) -> None:
        """Be due again, from the next moment on; from any thread."""
        if self.is_paused:
            self.is_paused = False
            self._on_loop(self._resume)

    def next_run(self) -> datetime | None:
        """When it is due next; from any thread."""
        if self._wait is None or self.is_paused or self.is_over:
            return None
        if self._anchor is None:
            return self._due.astimezone(self._zone)
        return in_zone(self._due + (clock().utcnow() - self._now()), self._zone)

    async def wait(self) -> Outcome:
        """Wait until the execution that runs, or else the next one, has ended."""
        before = self.last_outcome
        if self._jobs or not (self.is_over or self._is_stopped):
            if self._ended is None:
                self._ended = anyio.Event()
            await self._ended.wait()
        if self.last_outcome is None or self.last_outcome is before:
            reason = "its schedule was cancelled" if self.is_over else "its scheduler was stopped"
            return Cancelled(reason=reason, task_id="", name=self.name, attempts=0, duration=0.0)
        return self.last_outcome

    def passed(self, job: Job) -> None:
        """A job has ended, or waits for its retry."""
        if job.outcome is None:
            return
        del self._jobs[job]
        self._held.pop(job, None)
        self.last_outcome = job.outcome
        self._go_on()
        self._tell_waiters()

    def come_back(self, job: Job) -> None:
        """A job has waited until it was due."""
        self._pool.line_up(job)

    def give_up(self) -> list[Call]:
        """What has fired and waits for the one before it, and now never will run."""
        calls = [self._call] * self._backlog
        self._backlog = 0
        return calls

    def _now(self) -> datetime:
        """The time that counts: once an interval has begun, no wall clock changes it."""
        if self._anchor is None:
            return clock().utcnow()
        wall, begun = self._anchor
        return wall + timedelta(seconds=clock().now() - begun)

    def _first_after(self, now: datetime) -> datetime:
        return self._trigger.next_after(now)

    def _aim(self, nominal: datetime) -> None:
        self._nominal, self._due = nominal, self._due_of(nominal)
        self._sleep()

    def _due_of(self, nominal: datetime) -> datetime:
        if not self._plan.jitter:
            return nominal
        room = min(self._plan.jitter, self._trigger.next_after(nominal) - nominal)
        return nominal + self._luck(nominal) * room

    def _luck(self, nominal: datetime) -> float:
        return random.random()

    def _sleep(self) -> None:
        now, seconds = self._now(), (self._due - self._now()).total_seconds()
        if self._anchor is None:
            seconds = min(seconds, clock().trust)
        self._seen = now, clock().now()
        self._wait = self._pool.call_at(clock().now() + seconds, self._look)

    def _look(self) -> None:
        now = self._now()
        if self._due - now <= _SLACK:
            self._fire(max(now, self._due))
            return
        seen, at = self._seen
        set_back = seen + timedelta(seconds=clock().now() - at) - now
        if set_back > CORRECTION:
            self._aim(self._trigger.next_after(now))
        else:
            self._sleep()

    def _fire(self, now: datetime) -> None:
        late_by = self._due - self._nominal
        count, last = overdue(self._trigger, self._nominal, now - late_by, most=MOST)
        runs = {"run_once": 1, "run_all": count, "skip": int(now - late_by - last <= IN_TIME)}
        is_late, due = now - self._due > LATE, self._nominal
        if self._plan.interval and self._anchor is None and not self._follows_wall:
            self._anchor = clock().utcnow(), clock().now()
        self._moment = last
        self._aim(self._trigger.next_after(last))
        for _ in range(runs[self._plan.missed]):
            self._run()
        if is_late and (count > 1 or not runs[self._plan.missed]):
            self._say_missed(due, count, runs[self._plan.missed])

    def _run(self) -> None:
        if self._jobs and self._plan.overlap == "queue":
            self._backlog += 1
        elif self._jobs and self._plan.overlap == "skip":
            if not self._skipping:
                logger.warning("task %r still runs: it is skipped until that has ended", self.name)
            self._skipping = True
        else:
            self._skipping = False
            self._hand_over()

    def _hand_over(self) -> None:
        if diversions:
            self.last_outcome = diversions[-1].submitted_now(self._call, self._pool).outcome
            self._tell_waiters()
            return
        if not self._pool.has_room and self._pool.is_open:
            logger.warning("task %r was skipped: its runner has no room", self.name)
            return
        job = Job(self._local_call(), self, audience=self._pool.audience)
        self._jobs[job] = None
        self._pool.put(job)

    def _local_call(self) -> Call:
        engine = engine_for(self._call, self._pool.engine)
        return self._call if engine is None else sending(self._call, engine)

    def _say_missed(self, first: datetime, count: int, runs: int) -> None:
        due = first.astimezone(self._zone).isoformat(" ", "seconds")
        made_up = {0: "is not run for them", 1: "runs once"}.get(runs, f"runs {runs} times")
        were = "1 time" if count == 1 else f"{count} times"
        logger.warning(
            "task %r was due %s since %s and could not run: it %s now",
            *(self.name, were, due, made_up),
        )

    def _go_on(self) -> None:
        if self._backlog and not self._jobs and not self.is_paused:
            self._backlog -= 1
            self._hand_over()

    def _hold(self) -> None:
        self._stand_down()
        for job in self._jobs:  # those that found no place yet
            if not job.attempts:
                self._held.setdefault(job, job.due)
                self._pool.postpone(job, math.inf)

    def _resume(self) -> None:
        held, self._held = self._held, {}
        for job, due in held.items():
            self._pool.postpone(job, max(due, clock().now()))
        self._go_on()
        if self._wait is None and not self.is_over and self._pool.is_open:
            self._aim(self._first_after(self._now()))

    def _disarm(self) -> None:
        self._stand_down()
        if self.is_over and self.is_paused:
            for job in [job for job in self._jobs if not job.attempts]:
                self._pool.cancel(job, "its schedule was cancelled")
        if not self._jobs:
            self._tell_waiters()

    def _stand_down(self) -> None:
        if self._wait is not None:
            self._wait.cancel()
            self._wait = None

    def _tell_waiters(self) -> None:
        if self._ended is not None:
            self._ended.set()
            self._ended = None

    def _on_loop(self, function: Callable[[], None]) -> None:
        if self._pool.is_open:
            self._pool.call_here(function)
        elif self.is_over and not self._jobs:
            self._tell_waiters()
