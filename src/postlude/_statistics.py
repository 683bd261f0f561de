"""What is told of counted tasks: plain mappings, ready for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from postlude._counts import Counts


class TaskCounts(TypedDict):
    """What became of some tasks; a plain `dict`, ready for JSON.

    Attributes:
        total_tasks: How many ended.
        completed_tasks: How many of them returned.
        failed_tasks: How many raised at their last attempt, or ran out of time.
        timed_out_tasks: How many of the failed ones ran out of time.
        cancelled_tasks: How many were not run, or not to their end.
        retries: How many attempts were followed by another.
        failure_rate: `failed_tasks` as a share of those that completed or failed, from 0.0 to 1.0.
        average_duration: Seconds from the first attempt to the end, of those that completed or
            failed.
        p50: Half of those took at most so many seconds.
        p95: 95 of 100 of those took at most so many seconds.
        p99: 99 of 100 of those took at most so many seconds.

    Example:
        ```python
        from postlude import TaskMonitor

        monitor = TaskMonitor()
        monitor.task_completed("resize", 0.2)
        monitor.task_failed("resize", 0.6)
        counts = monitor.get_recent_stats()
        print(counts["total_tasks"], counts["completed_tasks"], counts["failed_tasks"])
        print(counts["failure_rate"], round(counts["average_duration"], 2))
        print(counts["p50"] < counts["p99"])
        ```

        ```text title="Output"
        2 1 1
        0.5 0.4
        True
        ```
    """

    total_tasks: int
    completed_tasks: int
    failed_tasks: int
    timed_out_tasks: int
    cancelled_tasks: int
    retries: int
    failure_rate: float
    average_duration: float
    p50: float
    p95: float
    p99: float


class TaskStats(TaskCounts):
    """What became of the tasks of one name, and where the others stand.

    Attributes:
        pending_tasks: How many wait for their first attempt or for their next one.
        running_tasks: How many attempts are under way.
        last_error: The class of the last error, such as `"ValueError"`; never its text, which may
            hold what is nobody's business.

    Example:
        ```python
        from postlude import TaskMonitor

        monitor = TaskMonitor()
        monitor.task_started("resize")
        monitor.task_failed("resize", 0.6, ValueError("cat.png is no picture"))
        monitor.task_started("resize")
        stats = monitor.get_task_stats()["resize"]
        print(stats["failed_tasks"], stats["last_error"], stats["running_tasks"])
        ```

        ```text title="Output"
        1 ValueError 1
        ```
    """

    pending_tasks: int
    running_tasks: int
    last_error: str | None


def told(counts: Counts) -> TaskCounts:
    """The counts, as a mapping."""
    return {
        "total_tasks": counts.ended,
        "completed_tasks": counts.completed,
        "failed_tasks": counts.failed,
        "timed_out_tasks": counts.timed_out,
        "cancelled_tasks": counts.cancelled,
        "retries": counts.retries,
        "failure_rate": counts.failure_rate,
        "average_duration": counts.average_duration,
        "p50": counts.percentile(0.50),
        "p95": counts.percentile(0.95),
        "p99": counts.percentile(0.99),
    }
