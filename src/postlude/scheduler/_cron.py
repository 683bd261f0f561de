"""Cron expressions, in the time of a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from postlude.errors import MissingDependency
from postlude.scheduler._zone import change, moment_of, offset, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

_SECOND = timedelta(seconds=1)


class Cron:
    """The moments at which the zone's wall clocks show what the expression says.

    What is said as a time of day (`30 2 * * *`) comes once on each of its days: when clocks are set
    forward over it, at that moment, and when they are set back to it, the first time only. What is
    said with a star for the minute or the hour comes whenever a wall clock shows it.
    """

    def __init__(self, expression: str, zone: tzinfo, start: datetime | None = None) -> None:
        """Check the expression; nothing comes before `start`.

        Raises:
            TypeError: The expression is no text.
            ValueError: It says nothing, or a date that never comes.
            MissingDependency: The package `cronsim` is not installed.
        """
        try:
            import cronsim
        except ImportError:
            raise MissingDependency("cronsim", extra="cron") from None
        if not isinstance(expression, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"cron={expression!r} must be a text such as cron='30 2 * * *'")
        self._walls = cronsim.CronSim
        self._expression = expression
        self._zone = zone
        self._start = start
        try:
            first = next(self._after(datetime(2000, 1, 1)), None)
        except (cronsim.CronSimError, AssertionError, ValueError, IndexError) as error:
            raise ValueError(
                f"cron={expression!r} is no cron expression ({error}): write five fields, minute "
                "hour day month weekday, such as cron='30 2 * * *'"
            ) from None
        if first is None:
            raise ValueError(f"cron={expression!r} never comes: there is no such date")
        fields = expression.split()
        self._is_time_of_day = not any(field.startswith("*") for field in fields[:-3])

    def next_after(self, moment: datetime) -> datetime:
        """The first of them that is later than `moment`."""
        if self._start is not None and moment < self._start:
            moment = self._start - timedelta(microseconds=1)
        if self._is_time_of_day:
            return self._next_time_of_day(moment)
        return self._next_shown(moment)

    def _next_time_of_day(self, moment: datetime) -> datetime:
        # What came once comes again within forty years, and is looked for in fifty.
        walls = self._after(shown(moment, self._zone))
        return next(found for wall in walls if (found := moment_of(wall, self._zone)) > moment)

    def _next_shown(self, moment: datetime) -> datetime:
        # Between two changes of the offset wall clocks go as all others do.
        ahead = offset(moment, self._zone)
        base = moment + ahead
        while True:
            wall = next(self._after(base.replace(tzinfo=None)))
            found = wall.replace(tzinfo=UTC) - ahead
            changed = change(self._zone, moment, found)
            if changed is None:
                return found
            moment, ahead = changed, offset(changed, self._zone)
            base = changed + ahead - _SECOND

    def _after(self, wall: datetime) -> Iterator[datetime]:
        # Without a time zone: what it does about them is not what the class promises.
        return self._walls(self._expression, wall.replace(fold=0))
