"""What was said about when a recurring task is due, checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from postlude._clock import clock
from postlude._options import checked_seconds
from postlude.scheduler._cron import Cron
from postlude.scheduler._trigger import Every
from postlude.scheduler._zone import moment_of

if TYPE_CHECKING:
    from datetime import tzinfo

    from postlude.scheduler._trigger import Trigger

Overlap: TypeAlias = Literal["skip", "queue", "allow"]
Missed: TypeAlias = Literal["run_once", "run_all", "skip"]

# So that no moment is out of a datetime's range in any time zone.
FIRST_YEAR, LAST_YEAR = 2, 9990
_SAFE = 1e9  # seconds: thirty years
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When a task is due, and what to do when that cannot be kept.

    Either `trigger` says when, or `interval` does: then it is every so often from when it begins.
    """

    trigger: Trigger | None
    interval: timedelta | None
    jitter: timedelta
    overlap: Overlap
    missed: Missed


def planned(
    zone: tzinfo,
    *,
    interval: object,
    cron: str | None,
    start_time: object,
    jitter: object,
    overlap: Any,
    missed: Any,
    is_shared: bool = False,
) -> Plan:
    """The plan that was described; naive times are in `zone`.

    If it `is_shared`, all processes must come to the same moments: an interval without a start
    counts from 1970.

    Raises:
        TypeError: Something is of the wrong type.
        ValueError: Something is out of range, unknown, or contradicts something else.
        MissingDependency: `cron` needs a package that is not installed.
    """
    if (interval is None) == (cron is None):
        given = "neither" if cron is None else "both"
        raise ValueError(f"add_recurring_task() needs interval= or cron=, and got {given}")
    if overlap not in ("skip", "queue", "allow"):
        raise ValueError(f"overlap={overlap!r} must be 'skip', 'queue' or 'allow'")
    if missed not in ("run_once", "run_all", "skip"):
        raise ValueError(f"missed={missed!r} must be 'run_once', 'run_all' or 'skip'")
    if missed == "run_all" and overlap == "skip":
        raise ValueError(
            "missed='run_all' makes up for each time, which overlap='skip' does not let run: "
            "write overlap='queue' as well"
        )
    if is_shared and (missed == "run_all" or overlap == "queue"):
        raise ValueError(
            f"overlap={overlap!r}, missed={missed!r}: with a store, overlap= is 'skip' or 'allow', "
            "and missed= is 'run_once' or 'skip'"
        )
    start = _start_of(start_time, zone)
    every = None if interval is None else checked_time("interval", interval)
    spread = timedelta() if jitter is None else checked_time("jitter", jitter)
    if every is not None and spread >= every:
        raise ValueError(f"jitter={jitter!r} must be less than interval={interval!r}")
    trigger: Trigger | None = None
    if cron is not None:
        trigger = Cron(cron, zone, start)
    elif every is not None and (start is not None or is_shared):
        trigger = Every(every, start or _EPOCH)
    return Plan(trigger=trigger, interval=every, jitter=spread, overlap=overlap, missed=missed)


def checked_time(name: str, value: object) -> timedelta:
    """The value as a `timedelta`, if it is a time that can be waited for.

    Raises:
        TypeError: It is neither seconds nor a `timedelta`.
        ValueError: It is not more than 0, or too long for a date.
    """
    seconds = checked_seconds(name, value, without="for none")
    if seconds > _SAFE:
        try:
            is_too_long = (clock().utcnow() + 2 * timedelta(seconds=seconds)).year > LAST_YEAR
        except OverflowError:
            is_too_long = True
        if is_too_long:
            raise ValueError(f"{name}={value!r} is too long: it ends after the year {LAST_YEAR}")
    time = timedelta(seconds=seconds)
    if not time:
        raise ValueError(f"{name}={value!r} must be a microsecond or more")
    return time


def _start_of(value: object, zone: tzinfo) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise TypeError(
            f"start_time={value!r} must be a datetime, such as datetime(2026, 1, 31, 2, 30)"
        )
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(
            f"start_time={value.isoformat()} must be between the years {FIRST_YEAR} and {LAST_YEAR}"
        )
    return moment_of(value, zone) if value.tzinfo is None else value.astimezone(UTC)
