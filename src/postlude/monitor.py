"""What became of tasks lately and in all: a fold of events into counts."""

from __future__ import annotations

import math
import threading
from collections import deque
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from postlude._clock import clock
from postlude._counts import Counts, step_of
from postlude._events import Tallying, TaskEnded, TaskRetried
from postlude._labels import Labels
from postlude._outcome import Failed, Succeeded, TimedOut
from postlude._standing import Standing, enter, leave
from postlude._statistics import told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from postlude._call import Call
    from postlude._events import TaskEvent
    from postlude._outcome import Outcome
    from postlude._statistics import TaskCounts, TaskStats

_SLOTS = 360
# The same function, called again and again, is not timed one by one below this, in seconds.
_QUICK = 0.0002


class Health(StrEnum):
    """How tasks have fared lately; each is also its own text, so that an endpoint can return it.

    Example:
        ```python
        from postlude import Health

        print(*Health)
        print(503 if Health.DEGRADED == Health.UNHEALTHY else 200)
        ```

        ```text title="Output"
        healthy degraded unhealthy
        200
        ```
    """

    HEALTHY = "healthy"
    """Few tasks failed, or none has ended lately."""
    DEGRADED = "degraded"
    """More failed than `degraded_above`."""
    UNHEALTHY = "unhealthy"
    """More failed than `unhealthy_above`, and enough tasks ended to say so."""


class TaskMonitor(Tallying):
    """Counts what becomes of tasks, in all and lately, by name and together.

    Give it to a runner (`TaskRunner(monitor=...)`), or have it hear of every task of the process
    (`subscribe(monitor)`): tasks need no change. What runs elsewhere can be counted by hand.

    It takes the same memory after a million tasks as after a thousand, and can be asked from any
    thread. Counts and averages are exact; percentiles are off by a few per cent at most, or by
    0.2 ms if that is more.
    "Lately" is counted in steps, of 10 s unless `window` is set, and may include one step too many.

    Example:
        ```python
        import asyncio
        import logging

        from postlude import BackgroundTasks, TaskMonitor, subscribe

        logging.getLogger("postlude").disabled = True  # the failure is logged as well

        monitor = TaskMonitor()
        with subscribe(monitor):
            tasks = BackgroundTasks()
            for text in ("1", "2", "three", "4"):
                tasks.add_task(int, text)
            asyncio.run(tasks())

        print(monitor.total_tasks, monitor.completed_tasks, monitor.failed_tasks)
        print(monitor.get_recent_stats(minutes=5)["failure_rate"])
        print(monitor.get_task_stats()["int"]["last_error"])
        print(monitor.health())
        ```

        ```text title="Output"
        4 3 1
        0.25
        ValueError
        degraded
        ```
    """

    def __init__(
        self,
        *,
        degraded_above: float = 0.1,
        unhealthy_above: float = 0.5,
        min_tasks: int = 10,
        window: float | timedelta = 3600.0,
        max_names: int = 200,
    ) -> None:
        """Begin with nothing counted.

        Args:
            degraded_above: The failure rate above which `health()` is degraded.
            unhealthy_above: The failure rate above which it is unhealthy.
            min_tasks: How many tasks must have ended for that; with fewer it is degraded at most,
                since one failure of two says little.
            window: How far back `get_recent_stats` can look, in seconds or as a `timedelta`.
            max_names: How many names are counted apart; later ones are counted together, as
                `(others)`.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: A number is out of range.

        Example:
            ```python
            from postlude import TaskMonitor

            monitor = TaskMonitor(
                degraded_above=0.2, unhealthy_above=0.3, min_tasks=8, window=600, max_names=1
            )
            for name in ("resize", "resize", "resize", "crop", "send"):
                monitor.task_completed(name, 0.1)
            for _ in range(3):
                monitor.task_failed("resize", 0.1)
                print(monitor.health())
            print(*monitor.get_task_stats())
            print(monitor.get_recent_stats(minutes=10)["failure_rate"])
            monitor.health(minutes=11)
            ```

            ```text title="Output"
            healthy
            degraded
            unhealthy
            (others) resize
            0.375
            ```

            ```text title="Error"
            ValueError: minutes=11 must be more than 0 and at most 10, the monitor's window: ...
            ```
        """
        self._degraded = _checked_share("degraded_above", degraded_above)
        self._unhealthy = _checked_share("unhealthy_above", unhealthy_above)
        if self._unhealthy < self._degraded:
            raise ValueError(
                f"unhealthy_above={unhealthy_above} is less than degraded_above={degraded_above}"
            )
        self._least = _checked_count("min_tasks", min_tasks)
        self._window = _checked_seconds("window", window)
        self._step = self._window / _SLOTS
        self._all = Counts()
        self._names: dict[str, Counts] = {}
        self._errors: dict[str, str] = {}
        self._slots: deque[tuple[int, Counts]] = deque(maxlen=_SLOTS + 1)
        self._label = Labels(max_names)
        self._standing = Standing()
        self._lock = threading.Lock()

    @property
    def total_tasks(self) -> int:
        """How many tasks there have been, those that wait or run included."""
        with self._lock:
            pending, running = self._standing.pending.values(), self._standing.running.values()
            return self._all.ended + sum(pending) + sum(running)

    @property
    def completed_tasks(self) -> int:
        """How many returned."""
        return self._all.completed

    @property
    def failed_tasks(self) -> int:
        """How many raised at their last attempt, or ran out of time."""
        return self._all.failed

    @property
    def timed_out_tasks(self) -> int:
        """How many of the failed ones ran out of time."""
        return self._all.timed_out

    @property
    def cancelled_tasks(self) -> int:
        """How many were not run, or not to their end."""
        return self._all.cancelled

    @property
    def retries(self) -> int:
        """How many attempts were followed by another."""
        return self._all.retries

    @property
    def pending_tasks(self) -> int:
        """How many wait for their first attempt or for their next one."""
        with self._lock:
            return sum(self._standing.pending.values())

    @property
    def running_tasks(self) -> int:
        """How many attempts are under way."""
        with self._lock:
            return sum(self._standing.running.values())

    @property
    def average_duration(self) -> float:
        """Seconds per task, of all that completed or failed; 0.0 if there is none."""
        with self._lock:
            return self._all.average_duration

    def get_task_stats(self) -> dict[str, TaskStats]:
        """What became of all tasks so far, by name.

        Returns:
            A mapping for each name, ready for JSON.

        Example:
            ```python
            from postlude import TaskCounts, TaskMonitor, TaskStats

            monitor = TaskMonitor()
            monitor.task_completed("resize", 0.2)
            monitor.task_started("resize")
            stats: TaskStats = monitor.get_task_stats()["resize"]
            recent: TaskCounts = monitor.get_recent_stats()
            print(*[*recent][:6])
            print(*[*recent][6:])
            print({name: stats[name] for name in stats if name not in recent})
            print(monitor.running_tasks, monitor.pending_tasks, monitor.retries)
            print(monitor.timed_out_tasks, monitor.cancelled_tasks)
            ```

            ```text title="Output"
            total_tasks completed_tasks failed_tasks timed_out_tasks cancelled_tasks retries
            failure_rate average_duration p50 p95 p99
            {'pending_tasks': 0, 'running_tasks': 1, 'last_error': None}
            1 0 0
            0 0
            ```
        """
        with self._lock:
            here = self._standing.pending.keys() | self._standing.running
            return {name: self._stats(name) for name in sorted(here | self._names.keys())}

    def get_recent_stats(self, minutes: float = 5) -> TaskCounts:
        """What became of the tasks that ended lately.

        Args:
            minutes: How far to look back; at most the monitor's `window`.

        Returns:
            A mapping, ready for JSON. Where no task has ended, rates and durations are 0.0.

        Raises:
            TypeError: It is no number.
            ValueError: It is 0 or less, or more than the window.

        Example:
            ```python
            import asyncio
            from datetime import timedelta

            from postlude import BackgroundTask, TaskMonitor, TaskRunner
            from postlude.testing import VirtualClock

            monitor = TaskMonitor()


            async def main() -> None:
                async with TaskRunner(monitor=monitor) as runner:
                    await runner.submit(BackgroundTask(int, "7")).wait()
                    print("now:", monitor.get_recent_stats(minutes=5)["total_tasks"])
                    await clock.advance(timedelta(minutes=6))
                    print("six minutes later:", monitor.get_recent_stats(minutes=5)["total_tasks"])
                print("in all:", monitor.total_tasks)


            with VirtualClock() as clock:
                asyncio.run(main())
            ```

            ```text title="Output"
            now: 1
            six minutes later: 0
            in all: 1
            ```
        """
        if isinstance(minutes, bool) or not isinstance(minutes, int | float):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"minutes={minutes!r} must be a number, such as minutes=5")
        if not 0 < minutes * 60 <= self._window:
            raise ValueError(
                f"minutes={minutes!r} must be more than 0 and at most {self._window / 60:g}, "
                "the monitor's window: set TaskMonitor(window=...)"
            )
        with self._lock:
            return told(self._recent(minutes * 60))

    def health(self, minutes: float = 5) -> Health:
        """How the tasks that ended lately have fared.

        Args:
            minutes: How far to look back; at most the monitor's `window`.

        Returns:
            By default: degraded if more than 10 % failed, unhealthy if more than 50 % failed, and
            healthy if not. With fewer than 10 tasks it is degraded at most, and healthy if there
            are none.

        Raises:
            TypeError: `minutes` is no number.
            ValueError: It is 0 or less, or more than the window.

        Example:
            ```python
            from postlude import TaskMonitor

            monitor = TaskMonitor()
            print(monitor.health())
            for duration in (0.1, 0.2, 0.4):
                monitor.task_failed("resize", duration)
            print(monitor.health())
            for duration in (0.1,) * 7:
                monitor.task_failed("resize", duration)
            print(monitor.health())
            ```

            ```text title="Output"
            healthy
            degraded
            unhealthy
            ```
        """
        stats = self.get_recent_stats(minutes)
        if stats["failure_rate"] > self._unhealthy:
            run = stats["completed_tasks"] + stats["failed_tasks"]
            return Health.UNHEALTHY if run >= self._least else Health.DEGRADED
        return Health.DEGRADED if stats["failure_rate"] > self._degraded else Health.HEALTHY

    def task_started(self, name: str) -> None:
        """Count by hand that a task begins.

        Args:
            name: What it is counted under.
        """
        with self._lock:
            enter(self._standing.running, self._label(name))

    def task_completed(self, name: str, duration: float) -> None:
        """Count by hand that a task has returned.

        Args:
            name: What it is counted under.
            duration: How long it took, in seconds.
        """
        with self._lock:
            label = self._label(name)
            leave(self._standing.running, label)
            self._complete(label, duration)

    def task_failed(self, name: str, duration: float, error: BaseException | None = None) -> None:
        """Count by hand that a task has failed.

        Args:
            name: What it is counted under.
            duration: How long it took, in seconds.
            error: What it raised; only its class is kept.
        """
        with self._lock:
            label = self._label(name)
            leave(self._standing.running, label)
            self._fail(label, duration, None if error is None else type(error).__name__)

    def __call__(self, event: TaskEvent) -> None:
        """Count an event: what makes a monitor an observer."""
        with self._lock:
            label = self._label(event.name)
            self._standing.see(event, label)
            if isinstance(event, TaskEnded):
                self._end(label, event.outcome)
            elif isinstance(event, TaskRetried):
                self._errors[label] = type(event.error).__name__
                for counts in self._counts(label):
                    counts.retries += 1

    def _end(self, label: str, outcome: Outcome) -> None:
        if isinstance(outcome, Succeeded):
            self._complete(label, outcome.duration)
        elif isinstance(outcome, Failed):
            self._fail(label, outcome.duration, type(outcome.error).__name__)
        elif isinstance(outcome, TimedOut):
            self._fail(label, outcome.duration, "TimeoutError")
            for counts in self._counts(label):
                counts.timed_out += 1
        else:
            for counts in self._counts(label):
                counts.cancelled += 1

    def _complete(self, label: str, duration: float, times: int = 1) -> None:
        step = step_of(duration)
        for counts in self._counts(label):
            counts.complete(duration, step, times)

    def _fail(self, label: str, duration: float, error: str | None) -> None:
        step = step_of(duration)
        for counts in self._counts(label):
            counts.fail(duration, step)
        if error is not None:
            self._errors[label] = error

    def _counts(self, label: str) -> tuple[Counts, Counts, Counts]:
        number = math.floor(clock().now() / self._step)
        if not self._slots or self._slots[-1][0] != number:
            self._slots.append((number, Counts()))
        if label not in self._names:
            self._names[label] = Counts()
        return self._all, self._names[label], self._slots[-1][1]

    def _recent(self, seconds: float) -> Counts:
        now = clock().now()
        first, last = math.floor((now - seconds) / self._step), math.floor(now / self._step)
        counts = Counts()
        counts.merge(slot for number, slot in self._slots if first <= number <= last)
        return counts

    def _stats(self, name: str) -> TaskStats:
        return {
            **told(self._names.get(name, Counts())),
            "pending_tasks": self._standing.pending.get(name, 0),
            "running_tasks": self._standing.running.get(name, 0),
            "last_error": self._errors.get(name),
        }

    def tally(self, calls: Sequence[Call], ticks: Sequence[float]) -> None:
        """Count what has completed without an event for each."""
        elapsed = ticks[-1] - ticks[0]
        alike = elapsed < _QUICK and len({id(call.func) for call in calls}) == 1
        with self._lock:
            if alike:
                label = self._label(calls[0].name)
                self._complete(label, elapsed / len(calls), len(calls))
                return
            for call, began, ended in zip(calls, ticks, ticks[1:], strict=False):
                self._complete(self._label(call.name), ended - began)


def _checked_share(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name}={value!r} must be a share of 1, such as {name}=0.1 for 10 %")
    if not 0 <= value <= 1:
        raise ValueError(f"{name}={value!r} must be from 0.0 to 1.0: 0.1 is 10 %")
    return float(value)


def _checked_count(name: str, value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"{name}={value!r} must be a whole number")
    if value < 1:
        raise ValueError(f"{name}={value} must be 1 or more")
    return value


def _checked_seconds(name: str, value: object) -> float:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name}={value!r} must be seconds or a timedelta, such as {name}=3600.0")
    if not 0 < value < math.inf:
        raise ValueError(f"{name}={value!r} must be more than 0 seconds")
    return float(value)
