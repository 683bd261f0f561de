"""Time zones: names, the computer's own, and the moments that wall clocks show."""

from __future__ import annotations

import os
import time
import zoneinfo
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from postlude import MissingDependency
from postlude.scheduler._zone import LOCAL, change, checked_zone, moment_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
LORD_HOWE = zoneinfo.ZoneInfo("Australia/Lord_Howe")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def in_new_york() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "America/New_York"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def test_a_wall_clock_that_is_set_forward_shows_it_then() -> None:
    assert moment_of(datetime(2026, 3, 29, 2, 30), BERLIN) == utc("2026-03-29T01:00")
    assert moment_of(datetime(2026, 10, 4, 2, 5), LORD_HOWE) == utc("2026-10-03T15:30")


def test_a_wall_clock_that_is_set_back_shows_it_twice() -> None:
    wall = datetime(2026, 10, 25, 2, 30)
    assert moment_of(wall, BERLIN) == utc("2026-10-25T00:30")
    assert moment_of(wall.replace(fold=1), BERLIN) == utc("2026-10-25T01:30")


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)),
    st.sampled_from([BERLIN, LORD_HOWE, UTC, timezone(timedelta(hours=5, minutes=45))]),
)
def test_what_is_shown_leads_back(moment: datetime, zone: Any) -> None:
    moment = moment.replace(tzinfo=UTC)
    wall = moment.astimezone(zone)
    assert moment_of(wall.replace(tzinfo=None), zone) == moment


def test_a_change_is_found_to_the_second() -> None:
    assert change(BERLIN, utc("2026-01-01"), utc("2026-12-01")) == utc("2026-03-29T01:00")
    assert change(BERLIN, utc("2026-03-29T00:59:59.5"), utc("2026-03-29T01:00")) == utc(
        "2026-03-29T01:00"
    )
    assert change(BERLIN, utc("2026-03-29T01:00"), utc("2026-10-01")) is None


@pytest.mark.usefixtures("in_new_york")
def test_without_a_name_it_is_the_computers_own() -> None:
    zone = checked_zone(None)
    assert zone is LOCAL
    assert shown(utc("2026-07-01T12:00"), zone) == datetime(2026, 7, 1, 8)
    assert utc("2026-01-01T12:00").astimezone(zone).isoformat() == "2026-01-01T07:00:00-05:00"
    assert f"{utc('2026-01-01T12:00').astimezone(zone):%Z}" == "EST"
    assert moment_of(datetime(2026, 3, 8, 2, 30), zone) == utc("2026-03-08T07:00")
    wall = datetime(2026, 11, 1, 1, 30)
    assert moment_of(wall, zone) == utc("2026-11-01T05:30")
    assert moment_of(wall.replace(fold=1), zone) == utc("2026-11-01T06:30")
    assert utc("2026-11-01T06:30").astimezone(zone).fold == 1
    assert repr(zone) == "local time"


def test_names_and_zones_are_taken() -> None:
    assert checked_zone("Europe/Berlin") == BERLIN
    assert checked_zone(UTC) is UTC


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("Europe/Berln", ValueError, "timezone='Europe/Berln' is not known: write a name such as"),
        ("../etc/passwd", ValueError, "timezone='../etc/passwd' is not known"),
        ("", ValueError, "timezone='' is not known"),
        (3, TypeError, "timezone=3 must be a name such as 'Europe/Berlin', or a tzinfo"),
    ],
)
def test_others_are_refused(value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        checked_zone(value)


def test_a_computer_without_zones_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def not_found(name: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(zoneinfo, "ZoneInfo", not_found)
    monkeypatch.setattr(zoneinfo, "available_timezones", set)
    with pytest.raises(MissingDependency, match=r"tzdata is not installed.*postlude\[cron\]"):
        checked_zone("Europe/Berlin")
    assert checked_zone("UTC") is UTC
