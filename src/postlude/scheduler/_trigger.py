"""When a recurring task is due: the next moment after a given one, and nothing else.

Moments are aware datetimes in UTC, in which an hour is always as long as another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class Trigger(Protocol):
    """Decides; it never waits and never asks what time it is."""

    def next_after(self, moment: datetime) -> datetime:
        """The first moment later than this one."""
        ...


@dataclass(frozen=True, slots=True)
class Every:
    """The moments `start`, `start + interval`, `start + 2 * interval` and so on.

    Each is counted from `start`, and none from the one before: rounding never adds up.
    """

    interval: timedelta
    start: datetime

    def next_after(self, moment: datetime) -> datetime:
        """The first of them that is later than `moment`."""
        if moment < self.start:
            return self.start
        return self.start + ((moment - self.start) // self.interval + 1) * self.interval


def overdue(
    trigger: Trigger, first: datetime, until: datetime, *, most: int
) -> tuple[int, datetime]:
    """How many moments have come, from `first` to `until`, and the last one of them.

    It stops to count at `most`, and the last one is the last one all the same.
    """
    count, last = 1, first
    while (following := trigger.next_after(last)) <= until:
        if count == most:
            return most, latest(trigger, after=last, until=until) or last
        count, last = count + 1, following
    return count, last


def latest(trigger: Trigger, *, after: datetime, until: datetime) -> datetime | None:
    """The last moment that is later than `after` and not later than `until`, if there is one."""
    # Most come as regularly as those to come: then there is little to search.
    following = trigger.next_after(until)
    width = trigger.next_after(following) - following
    while (found := trigger.next_after(max(until - width, after))) > until:
        if until - width <= after:
            return None
        width *= 2
    while (following := trigger.next_after(found)) <= until:
        found = following
    return found
