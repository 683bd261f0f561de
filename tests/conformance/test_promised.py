"""What the pages say that an engine does not keep, it does not keep."""

from __future__ import annotations

import pytest
from postlude.testing._engine_promises import PROMISES
from tests.conformance import promised
from tests.conformance.promised_page import kept
from tests.engines.conftest import (
    nats_server,
    nats_url,
    postgres_server,
    postgres_url,
    redis_server,
    redis_url,
    servers,
    warden,
)

# The fixtures of the engines' tests.
__all__ = [
    "nats_server",
    "nats_url",
    "postgres_server",
    "postgres_url",
    "redis_server",
    "redis_url",
    "servers",
    "warden",
]

# Celery's own, of its client of Redis.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")


@pytest.mark.parametrize(
    ("name", "way"),
    [(name, way) for name, ways in promised.WAYS.items() for way in ways if way != "set"],
)
def test_what_an_engine_does_not_keep_is_shown(
    name: str, way: str, request: pytest.FixtureRequest
) -> None:
    broken = kept()[name][way]
    column = promised.WAYS[name][way]
    url = request.getfixturevalue(f"{column.server.name}_url")
    report = column.check(url, without=PROMISES.keys() - broken.keys())
    assert report.broken == broken
