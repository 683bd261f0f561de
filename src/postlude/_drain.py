"""The end of a runner: what is left gets some time, and what does not finish is reported."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import anyio
from postlude._clock import VirtualClock, clock
from postlude._job import Job
from postlude._outcome import Cancelled
from postlude._report import Report, logger
from postlude._signals import COPIES, Vigil
from postlude._work import abandoned_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from postlude._call import Call
    from postlude._events import Audience

# How long a task that was cancelled may take to clean up, in seconds.
GRACE = 1.0
# After so many seconds nobody is going to move a virtual clock that all that is left waits for.
STILL = 2.0
# How often it is looked at in that time.
LOOKS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainReport:
    """How the work of a runner ended.

    Attributes:
        finished: How many tasks ended during the drain by themselves, failed ones included.
        unfinished: What was cut off, or never started: each has the task's name and id.
        abandoned_threads: How many threads still run a function that nobody waits for.
        duration: Seconds from the call to the end.

    Example:
        ```python
        import asyncio
        import logging

        from postlude import BackgroundTask, TaskRunner

        logging.getLogger("postlude").disabled = True  # the loss is logged as well


        async def main() -> None:
            async with TaskRunner() as runner:
                runner.submit(BackgroundTask(asyncio.sleep, 0.01))
                runner.submit(BackgroundTask(asyncio.sleep, 60))
                report = await runner.drain(timeout=0.5)
            print(report.finished, "finished")
            for outcome in report.unfinished:
                print(outcome.name, "did not:", outcome.reason)
            print("it took the whole timeout:", report.duration >= 0.5)


        asyncio.run(main())
        ```

        ```text title="Output"
        1 finished
        sleep did not: the drain timeout of 0.5 s was over
        it took the whole timeout: True
        ```
    """

    finished: int
    unfinished: tuple[Cancelled, ...]
    abandoned_threads: int
    duration: float


class Workforce(Protocol):
    """Whoever has jobs, as its drain sees it."""

    @property
    def title(self) -> str:
        """What to call it in the log."""
        ...

    @property
    def audience(self) -> Audience:
        """Who hears of its jobs."""
        ...

    @property
    def finished(self) -> int:
        """How many jobs have ended by themselves so far."""
        ...

    @property
    def jobs(self) -> Collection[Job]:
        """Those that have not ended, in the order they were taken."""
        ...

    @property
    def given_up(self) -> set[Job]:
        """Those that a drain is about to report."""
        ...

    def close(self) -> None:
        """Take no new jobs; what was taken goes on."""
        ...

    def look_ahead(self, horizon: float) -> None:
        """Let `idle` wait for no job that is due only after this moment."""
        ...

    def hopeless(self, job: Job) -> str:
        """Why `idle` does not wait for the job; empty if it does."""
        ...

    def call_soon(self, function: Callable[[], object]) -> None:
        """Call the function on the event loop, later; also from a signal handler."""
        ...

    def cancel(self, job: Job, reason: str) -> None:
        """End a job."""
        ...

    async def idle(self) -> None:
        """Wait until every job has ended, or is hopeless."""
        ...


async def drain(
    pool: Workforce, limit: float, vigil: Vigil | None = None, *, raises: bool = True
) -> DrainReport:
    """Take nothing more, wait for what was taken, cancel what is left and report it.

    The wait ends after `limit` seconds, or when a signal says that there is no more time. A
    `vigil` that was begun earlier knows the first signal, which is no second one.

    Raises:
        RuntimeError: What is left waits for a virtual clock that nobody moves, and `raises`; it is
            cancelled and reported all the same.
    """
    begun, before = clock().now(), pool.finished
    pool.close()
    pool.look_ahead(begun + limit)
    end = _End()
    lost: list[Cancelled] = []
    vigil = vigil or Vigil()
    with vigil.reacting(lambda name: pool.call_soon(lambda: end.come(f"{name} ended the drain"))):
        try:
            if pool.jobs:
                await end.wait(pool, limit, advises=vigil.is_worker)
        finally:
            if has_work(pool):
                with anyio.CancelScope(shield=True):
                    lost = await _cut_off(pool, end.reason)
            report = DrainReport(
                finished=pool.finished - before,
                unfinished=tuple(lost),
                abandoned_threads=abandoned_threads(),
                duration=clock().now() - begun,
            )
            if report.finished or report.unfinished:
                _sum_up(pool.title, report)
    if end.error is not None and raises:
        raise end.error
    return report


def has_work(pool: Workforce) -> bool:
    """Whether there is a job that has not ended, and was not given up for lost."""
    return any(job.outcome is None for job in pool.jobs)


class _End:
    """The end of the wait: all is done, time is over, or a signal came."""

    def __init__(self) -> None:
        self.reason = "the drain itself was cancelled"
        self.error: RuntimeError | None = None
        self._came = anyio.Event()

    def come(self, reason: str) -> None:
        if not self._came.is_set():
            self.reason = reason
            self._came.set()

    async def wait(self, pool: Workforce, limit: float, *, advises: bool) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(self._watch, pool)
            group.start_soon(self._count_down, limit)
            if isinstance(virtual := clock(), VirtualClock):
                group.start_soon(self._watch_clock, pool, virtual)
            if advises:
                group.start_soon(_advise, pool, limit)
            await self._came.wait()
            group.cancel_scope.cancel()

    async def _watch(self, pool: Workforce) -> None:
        await pool.idle()
        self.come("all is done")

    async def _watch_clock(self, pool: Workforce, virtual: VirtualClock) -> None:
        seen, looks = -1.0, 0
        while looks < LOOKS:
            stands = seen == virtual.now() and not any(job.is_running for job in pool.jobs)
            seen, looks = virtual.now(), looks + 1 if stands else 0
            await anyio.sleep(STILL / LOOKS)
        self.error = _standstill(pool, seen)
        self.come(f"its VirtualClock stood still at {seen:g} s")

    async def _count_down(self, limit: float) -> None:
        await clock().sleep(limit)
        self.come(f"the drain timeout of {limit:g} s was over")


def _standstill(pool: Workforce, now: float) -> RuntimeError:
    left = [job for job in pool.jobs if not pool.hopeless(job)]
    tasks = "1 task" if len(left) == 1 else f"{len(left)} tasks"
    seconds = max((job.due - now for job in left), default=0.0)
    # What waits for the rate of its worker is due.
    far = f"{seconds:g}" if seconds > 0 else "..."
    return RuntimeError(
        f"the end of {pool.title} waits for {tasks} on a VirtualClock that stands still at "
        f"{now:g} s: write `await clock.advance({far})` before its block ends, or "
        "cancel what is not to run"
    )


async def _advise(pool: Workforce, limit: float) -> None:
    await clock().sleep(COPIES)
    count = len(pool.jobs)
    logger.warning(
        "%s waits up to %g s more for %s. To end that at once, signal this worker itself "
        "(kill -INT %d): the main process of its server may keep a second signal to itself",
        pool.title,
        max(limit - COPIES, 0),
        "1 task" if count == 1 else f"{count} tasks",
        os.getpid(),
    )


async def _cut_off(pool: Workforce, reason: str) -> list[Cancelled]:
    """Cancel all jobs, in the order they were taken, and log each that did not end by itself."""
    # Not what another drain has given up: each is reported once.
    jobs = [
        (job, job.call) for job in pool.jobs if job.outcome is None and job not in pool.given_up
    ]
    pool.given_up.update(job for job, _ in jobs)
    hopeless = {job: pool.hopeless(job) for job, _ in jobs}
    # Before the first is cancelled, or the next of its group would start.
    never = [call for job, _ in jobs if job.lane for call in job.lane.give_up()]
    for job, call in jobs:
        in_thread = job.scope is not None and not call.is_async
        told = hopeless[job] or reason
        pool.cancel(job, f"{told}; its thread runs on" if in_thread else told)
    with anyio.move_on_after(GRACE):
        await pool.idle()
    ends = [
        (call, job.outcome or job.cancel(f"{reason}; it goes on"), job.is_kept)
        for job, call in jobs
    ]
    pool.given_up.difference_update(job for job, _ in jobs)
    ends += [(call, Job(call, audience=pool.audience).cancel(reason), False) for call in never]
    lost: list[Cancelled] = []
    for call, outcome, is_kept in ends:
        if isinstance(outcome, Cancelled):
            lost.append(outcome)
            _report_loss(call, outcome, is_kept=is_kept)
    return lost


def _report_loss(call: Call, outcome: Cancelled, *, is_kept: bool) -> None:
    attempt, duration = outcome.attempts, outcome.duration
    report = Report(call, task_id=outcome.task_id, attempt=attempt, duration=duration)
    report.loss(outcome.reason, is_kept=is_kept)


def _sum_up(title: str, report: DrainReport) -> None:
    finished = "1 task" if report.finished == 1 else f"{report.finished} tasks"
    threads = (
        "1 thread runs"
        if report.abandoned_threads == 1
        else (f"{report.abandoned_threads} threads run")
    )
    logger.log(
        logging.WARNING if report.unfinished else logging.INFO,
        "%s was drained in %.3f s: %s finished, %d did not%s",
        title,
        report.duration,
        finished,
        len(report.unfinished),
        f", {threads} on" if report.abandoned_threads else "",
    )
