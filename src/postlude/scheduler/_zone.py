"""Time zones: from the argument to the moments that a wall clock in them shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from postlude.errors import MissingDependency

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


class _Local(tzinfo):
    """The computer's own time zone, whatever that is."""

    def utcoffset(self, dt: datetime | None, /) -> timedelta | None:
        return None if dt is None else dt.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, dt: datetime | None, /) -> timedelta | None:
        return None

    def tzname(self, dt: datetime | None, /) -> str | None:
        return None if dt is None else dt.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, dt: datetime, /) -> datetime:
        shown = datetime.fromtimestamp(dt.replace(tzinfo=UTC).timestamp())
        return shown.replace(tzinfo=self)

    def __repr__(self) -> str:
        return "local time"


LOCAL = _Local()


def checked_zone(value: object) -> tzinfo:
    """The time zone of that name, the value if it is one, or local time for `None`.

    Raises:
        TypeError: It is something else.
        ValueError: There is no zone of that name.
        MissingDependency: This computer has no time zone data.
    """
    if value is None:
        return LOCAL
    if isinstance(value, tzinfo):
        return value
    if not isinstance(value, str):
        raise TypeError(f"timezone={value!r} must be a name such as 'Europe/Berlin', or a tzinfo")
    import zoneinfo  # here, since most programs name no zone, and it takes a while

    try:
        return zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        if value == "UTC":
            return UTC
        if not zoneinfo.available_timezones():
            raise MissingDependency("tzdata", extra="cron") from None
        raise ValueError(
            f"timezone={value!r} is not known: write a name such as 'Europe/Berlin' or 'UTC'"
        ) from None


def offset(moment: datetime, zone: tzinfo) -> timedelta:
    """How far the zone's wall clocks are ahead of UTC at that moment."""
    return moment.astimezone(zone).utcoffset() or timedelta()


def shown(moment: datetime, zone: tzinfo) -> datetime:
    """What a wall clock in the zone shows at that moment: a naive datetime."""
    return moment.astimezone(zone).replace(tzinfo=None)


def moment_of(wall: datetime, zone: tzinfo) -> datetime:
    """The moment, in UTC, at which a wall clock in the zone shows the naive datetime `wall`.

    Where clocks are set forward there is none: then it is the moment at which they are. Where they
    are set back there are two: then it is the first, or the second if `wall.fold` is 1.
    """
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if shown(moment, zone) == wall.replace(fold=0):
        return moment
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return change(zone, min(before, after) - _SECOND, max(before, after)) or moment


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """What to tell of a moment that was reckoned from two clocks, neither of which is exact."""
    rest = timedelta(microseconds=(moment.microsecond + 500) % 1000 - 500)
    return (moment - rest).astimezone(zone)


def change(zone: tzinfo, after: datetime, until: datetime) -> datetime | None:
    """The first moment after `after`, and not after `until`, at which the zone's offset is new."""
    low, old = after.replace(microsecond=0), offset(after, zone)
    while low < until:
        high = min(low + _DAY, until)
        if offset(high, zone) != old:
            while high - low > _SECOND:
                middle = low + (high - low) // _SECOND // 2 * _SECOND
                if offset(middle, zone) == old:
                    low = middle
                else:
                    high = middle
            return high
        low = high
    return None
