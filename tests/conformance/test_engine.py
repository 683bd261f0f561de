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
from tests.engines.conftest import celery_broker, redis_server, redis_url, servers, warden

if TYPE_CHECKING:
    from collections.abc import Callable

    from postlude.protocols import Engine
    from tests.engines.server import Server

# The fixtures of the engines' tests.
__all__ = ["celery_broker", "redis_server", "redis_url", "servers", "warden"]

# Celery's own, of its client of Redis.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")
ROOT = Path(__file__).parents[2]
CELERY = "-m celery -A tests.conformance.celery_worker worker -c 1 -l INFO --without-mingle"
RQ = (
    "-m rq.cli worker -c tests.conformance.rq_worker -w tests.conformance.rq_worker.BriskWorker "
    "--serializer json --with-scheduler --maintenance-interval 1 --worker-ttl 16 "
    "--job-monitoring-interval 1 high default low"
)


def of_celery(url: str, results: str = "", **options: Any) -> Engine:
    return CeleryEngine(celery_worker.application(url, results), **options)


ENGINES: dict[str, tuple[Callable[..., Engine], str]] = {
    "celery": (of_celery, CELERY),
    "rq": (rq_worker.engine, RQ),
}


def kept(
    engine: Engine,
    command: str,
    *,
    elsewhere: Callable[[str], Engine],
    env: dict[str, str],
) -> tuple[str, ...]:
    checking = functools.partial(
        check_engine,
        engine,
        [sys.executable, *command.split()],
        elsewhere=elsewhere,
        spare="spare",
        lease=30.0,
        cwd=ROOT,
        env=env,
        patience=30.0,
    )
    return anyio.run(checking).kept


def test_celery_keeps_every_promise_on_each_broker(celery_broker: Server, redis_url: str) -> None:
    url = redis_url if celery_broker.name == "redis" else celery_broker.url
    scheme = url.partition(":")[0]
    assert kept(
        of_celery(url, redis_url),
        CELERY,
        elsewhere=lambda place: of_celery(f"{scheme}://{place}/", redis_url, timeout=2.0),
        env={"BROKER": url, "BACKEND": redis_url},
    ) == tuple(PROMISES)


def test_rq_keeps_every_promise(redis_url: str) -> None:
    assert kept(
        rq_worker.engine(redis_url),
        RQ,
        elsewhere=lambda place: rq_worker.engine(f"redis://{place}/0", timeout=2.0),
        env={"RQ_REDIS_URL": redis_url},
    ) == tuple(PROMISES)
