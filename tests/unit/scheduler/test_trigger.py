"""Triggers are pure: the next moment after a given one, without drift and without surprises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from postlude.scheduler._cron import Cron
from postlude.scheduler._trigger import Every, latest, overdue

moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
intervals = st.timedeltas(timedelta(microseconds=1), timedelta(days=4000))


NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("moment", "following"),
    [
        (NOON - HOUR * 5, NOON),
        (NOON - timedelta(microseconds=1), NOON),
        (NOON, NOON + HOUR),
        (NOON + HOUR / 2, NOON + HOUR),
        (NOON + HOUR * 7, NOON + HOUR * 8),
    ],
)
def test_every_hour_from_noon(moment: datetime, following: datetime) -> None:
    assert Every(HOUR, NOON).next_after(moment) == following


@pytest.mark.parametrize(
    ("until", "most", "found"),
    [
        (NOON, 10, (1, NOON)),
        (NOON + HOUR, 10, (2, NOON + HOUR)),
        (NOON + HOUR * 2.5, 10, (3, NOON + HOUR * 2)),
        (NOON + HOUR * 2, 3, (3, NOON + HOUR * 2)),
        (NOON + HOUR * 2.5, 2, (2, NOON + HOUR * 2)),
    ],
)
def test_what_is_overdue_since_noon(
    until: datetime, most: int, found: tuple[int, datetime]
) -> None:
    assert overdue(Every(HOUR, NOON), NOON, until, most=most) == found


@given(moments, moments, intervals)
def test_the_next_moment_is_later_and_on_the_grid(
    start: datetime, moment: datetime, interval: timedelta
) -> None:
    following = Every(interval, start).next_after(moment)
    assert following > moment
    assert (following - start) % interval == timedelta()
    assert following == start or following - interval <= moment


@given(moments, intervals, st.integers(1, 50))
def test_an_interval_never_drifts(start: datetime, interval: timedelta, count: int) -> None:
    trigger, moment = Every(interval, start), start
    for number in range(1, count):
        moment = trigger.next_after(moment)
        assert moment == start + number * interval


@given(moments, intervals)
def test_a_start_in_the_past_moves_to_a_multiple_after_now(
    start: datetime, interval: timedelta
) -> None:
    trigger = Every(interval, start)
    assert trigger.next_after(start) == start + interval
    assert trigger.next_after(start + interval / 2) in (start, start + interval)
    assert trigger.next_after(start - interval) == start


@given(moments, st.timedeltas(timedelta(seconds=1), timedelta(days=1)), st.integers(1, 30))
def test_what_is_overdue_is_counted_once(start: datetime, interval: timedelta, count: int) -> None:
    trigger = Every(interval, start)
    until = start + (count - 1) * interval + interval / 2
    assert overdue(trigger, start, until, most=1000) == (count, start + (count - 1) * interval)


@pytest.mark.parametrize(
    ("after", "until", "found"),
    [
        (NOON, NOON + HOUR, NOON + HOUR),
        (NOON, NOON + HOUR * 2.5, NOON + HOUR * 2),
        (NOON, NOON + HOUR * 0.5, None),
        (NOON - HOUR, NOON, NOON),
        (NOON - HOUR * 9, NOON - HOUR, None),
    ],
)
def test_the_latest_moment(after: datetime, until: datetime, found: datetime | None) -> None:
    assert latest(Every(HOUR, NOON), after=after, until=until) == found


@given(
    hour=st.integers(0, 24 * 400),
    expression=st.sampled_from(["30 2 * * *", "*/7 9-17 * * 1-5", "0 0 1 * *", "* 3 29 2 *"]),
)
def test_the_latest_moment_is_followed_by_a_later_one_only(hour: int, expression: str) -> None:
    cron = Cron(expression, ZoneInfo("Europe/Berlin"))
    until = NOON + hour * HOUR
    found = latest(cron, after=until - timedelta(days=40), until=until)
    first = cron.next_after(until - timedelta(days=40))
    assert (found is None) == (first > until)
    if found is not None:
        assert found <= until < cron.next_after(found)


@pytest.mark.parametrize("most", [1, 10])
def test_counting_ends(most: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    until = start + timedelta(hours=1)
    assert overdue(Every(timedelta(seconds=1), start), start, until, most=most) == (most, until)
