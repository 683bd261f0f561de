"""Tasks keep what they promise in every engine, with real brokers and real workers."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from postlude.engines.celery import CeleryEngine
from postlude.testing import check_engine
from postlude.testing._engine_promises import PROMISES
from tests.conformance import celery_worker, rq_worker
from tests.engines.conftest import redis_server, redis_url, servers, warden

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude.protocols import Engine

# The fixtures of the engines' tests.
__all__ = ["redis_server", "redis_url", "servers", "warden"]

# Celery's own, of its client of Redis.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")
ROOT = Path(__file__).parents[2]
CELERY = "-m celery -A tests.conformance.celery_worker worker -c 1 -l INFO --without-mingle"
RQ = (
    "-m rq.cli worker -c tests.conformance.rq_worker -w tests.conformance.rq_worker.BriskWorker "
    "--serializer json --with-scheduler --maintenance-interval 1 --worker-ttl 16 "
    "--job-monitoring-interval 1 high default low"
)


def of_celery(url: str, **options: Any) -> Engine:
    return CeleryEngine(celery_worker.application(url), **options)


ENGINES: dict[str, tuple[Callable[..., Engine], str]] = {
    "celery": (of_celery, CELERY),
    "rq": (rq_worker.engine, RQ),
}


@pytest.mark.parametrize("name", ENGINES)
def test_every_promise_is_kept(name: str, redis_url: str) -> None:
    make, command = ENGINES[name]
    checking = functools.partial(
        check_engine,
        make(redis_url),
        [sys.executable, *command.split()],
        elsewhere=lambda place: make(f"redis://{place}/0", timeout=2.0),
        spare="spare",
        lease=30.0,
        cwd=ROOT,
        env={"BROKER": redis_url, "RQ_REDIS_URL": redis_url},
        patience=30.0,
    )
    report = anyio.run(checking)
    assert report.kept == tuple(PROMISES)
