"""Cron expressions are what wall clocks show, on the days on which clocks change as well."""

from __future__ import annotations

import contextlib
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from postlude import MissingDependency
from postlude.scheduler._cron import Cron

ZONES = [
    ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
]


def coming(expression: str, zone: str, after: str, count: int) -> list[str]:
    cron, moment = Cron(expression, ZoneInfo(zone)), datetime.fromisoformat(after)
    moment = moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    lines: list[str] = []
    for _ in range(count):
        moment = cron.next_after(moment)
        lines.append(f"{moment.astimezone(ZoneInfo(zone)):%d %H:%M%z}")
    return lines


@pytest.mark.parametrize(
    ("zone", "expression", "after", "lines"),
    [
        # Clocks are set forward over it: that day at the moment at which they are.
        ("Europe/Berlin", "30 2 * * *", "2026-03-28", ["28 02:30+0100", "29 03:00+0200"]),
        ("America/New_York", "30 2 * * *", "2026-03-07", ["07 02:30-0500", "08 03:00-0400"]),
        ("Australia/Lord_Howe", "15 2 * * *", "2026-10-03", ["03 02:15+1030", "04 02:30+1100"]),
        # Clocks are set back to it: the first of the two.
        ("Europe/Berlin", "30 2 * * *", "2026-10-25", ["25 02:30+0200", "26 02:30+0100"]),
        ("America/New_York", "30 1 * * *", "2026-11-01", ["01 01:30-0400", "02 01:30-0500"]),
        ("America/New_York", "30 2 * * *", "2026-11-01", ["01 02:30-0500", "02 02:30-0500"]),
        ("Australia/Lord_Howe", "45 1 * * *", "2026-04-05", ["05 01:45+1100", "06 01:45+1030"]),
        # Two times of day that are skipped together come together.
        ("Europe/Berlin", "0,30 2 * * *", "2026-03-28T22:00", ["29 03:00+0200", "30 02:00+0200"]),
    ],
)
def test_a_time_of_day_comes_once_on_each_day(
    zone: str, expression: str, after: str, lines: list[str]
) -> None:
    assert coming(expression, zone, after, len(lines)) == lines


@pytest.mark.parametrize(
    ("zone", "expression", "after", "lines"),
    [
        (
            "Europe/Berlin",
            "0 * * * *",
            "2026-03-29T00:30",
            ["29 01:00+0100", "29 03:00+0200", "29 04:00+0200"],
        ),
        (
            "Europe/Berlin",
            "0 * * * *",
            "2026-10-25T01:30",
            ["25 02:00+0200", "25 02:00+0100", "25 03:00+0100"],
        ),
        (
            "Australia/Lord_Howe",
            "*/20 * * * *",
            "2026-10-04T01:30",
            ["04 01:40+1030", "04 02:40+1100", "04 03:00+1100"],
        ),
        (
            "Australia/Lord_Howe",
            "*/20 * * * *",
            "2026-04-05T01:30",
            ["05 01:40+1100", "05 01:40+1030", "05 02:00+1030"],
        ),
        ("Europe/Berlin", "*/30 2 * * *", "2026-03-28T12:00", ["30 02:00+0200", "30 02:30+0200"]),
    ],
)
def test_what_has_a_star_comes_whenever_clocks_show_it(
    zone: str, expression: str, after: str, lines: list[str]
) -> None:
    assert coming(expression, zone, after, len(lines)) == lines


def test_the_second_of_two_hours_does_not_bring_it_again() -> None:
    cron = Cron("30 2 * * *", ZoneInfo("Europe/Berlin"))
    ten_past_two_again = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert cron.next_after(ten_past_two_again) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


minutes = st.one_of(
    st.just("*"), st.integers(0, 59).map(str), st.sampled_from(["*/7", "*/20", "0,30"])
)
hours = st.one_of(st.just("*"), st.integers(0, 23).map(str), st.sampled_from(["*/5", "1-3"]))
days = st.sampled_from(["* * *", "1 * *", "* * MON", "15 */3 *", "* * 1-5", "L * *"])
expressions = st.builds("{} {} {}".format, minutes, hours, days)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


@given(expressions, st.sampled_from(ZONES), moments)
def test_moments_are_later_each_and_shown_by_the_clock(
    expression: str, zone: ZoneInfo, moment: datetime
) -> None:
    cron = Cron(expression, zone)
    fields = expression.split()
    for _ in range(5):
        following = cron.next_after(moment)
        assert following > moment
        # From anywhere between the two it is the same one.
        between = moment + (following - moment) / 3
        assert cron.next_after(between) == following
        assert cron.next_after(following - timedelta(microseconds=1)) == following
        shown = following.astimezone(zone)
        if fields[1].isdigit() and "*" in fields[0]:
            assert shown.hour == int(fields[1])
        if fields[0].isdigit() and "*" in fields[1]:
            assert shown.minute == int(fields[0])
        moment = following


@settings(max_examples=30)
@given(st.integers(0, 59), st.integers(0, 23), st.sampled_from(ZONES))
def test_no_day_of_the_year_is_left_out_or_has_two(minute: int, hour: int, zone: ZoneInfo) -> None:
    cron = Cron(f"{minute} {hour} * * *", zone)
    moment = datetime(2026, 1, 1, tzinfo=zone).astimezone(UTC) - timedelta(seconds=1)
    seen: list[datetime] = []
    for _ in range(365):
        moment = cron.next_after(moment)
        seen.append(moment.astimezone(zone))
    assert len({day.date() for day in seen}) == 365
    assert all(one.date() + timedelta(days=1) == next_.date() for one, next_ in pairwise(seen))


def test_nothing_comes_before_the_start() -> None:
    start = datetime(2026, 6, 1, 2, 30, tzinfo=UTC)
    cron = Cron("30 2 * * *", ZoneInfo("UTC"), start)
    assert cron.next_after(datetime(2026, 1, 1, tzinfo=UTC)) == start
    assert cron.next_after(start) == start + timedelta(days=1)


@pytest.mark.parametrize(
    ("expression", "error", "message"),
    [
        (
            "",
            ValueError,
            "cron='' is no cron expression .*write five fields, minute hour day month",
        ),
        ("61 * * * *", ValueError, "cron='61 [*] [*] [*] [*]' is no cron expression .Bad minute"),
        ("@daily", ValueError, "cron='@daily' is no cron expression"),
        ("0 0 30 2 *", ValueError, "cron='0 0 30 2 [*]'"),
        ("0 0 */31 2 MON#5", ValueError, "MON#5' never comes: there is no such date"),
        (5, TypeError, "cron=5 must be a text such as cron='30 2 [*] [*] [*]'"),
    ],
)
def test_a_bad_expression_is_quoted(expression: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Cron(expression, ZoneInfo("UTC"))


@given(st.text(alphabet="0123456789*/-,#L WMONFEB", max_size=20))
def test_whatever_is_written_is_taken_or_is_a_value_error(expression: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with contextlib.suppress(ValueError):
        assert Cron(expression, ZoneInfo("UTC")).next_after(now) > now


def test_without_cronsim_the_install_command_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cronsim", None)
    with pytest.raises(MissingDependency, match=r'pip install "postlude\[cron\]"'):
        Cron("* * * * *", ZoneInfo("UTC"))
