"""What the pages say that an engine does not keep with its own defaults, it does not keep."""

from __future__ import annotations

import pytest
from postlude.testing._engine_promises import PROMISES
from tests.conformance import promised
from tests.engines.conftest import redis_server, redis_url, servers, warden

# The fixtures of the engines' tests.
__all__ = ["redis_server", "redis_url", "servers", "warden"]

# Celery's own, of its client of Redis.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")


@pytest.mark.parametrize("name", promised.TITLES)
def test_what_an_engine_does_not_keep_with_its_own_defaults_is_shown(
    name: str, redis_url: str
) -> None:
    broken = promised.kept()[name]["plain"]
    report = promised.plain(name, redis_url, without=PROMISES.keys() - broken.keys())
    assert report.broken == broken
