"""taskiq and procrastinate keep what `check_engine` asks of an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import procrastinate
import pytest
from postlude.engines.procrastinate import ProcrastinateEngine
from postlude.engines.taskiq import TaskiqEngine
from postlude.testing import check_engine
from taskiq_nats import PullBasedJetStreamBroker
from taskiq_redis import RedisStreamBroker
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
from tests.engines.programs import PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from taskiq import AsyncBroker

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
pytestmark = pytest.mark.anyio
LOST_AFTER = 2.0
PROCRASTINATE = """
import os

from postlude.engines.procrastinate import ProcrastinateEngine
from postlude.testing import probe_tasks
from procrastinate import App, PsycopgConnector

probe_tasks()
app = App(
    connector=PsycopgConnector(conninfo=os.environ["DATABASE"]),
    worker_defaults={"update_heartbeat_interval": 0.3, "fetch_job_polling_interval": 0.1},
)
engine = ProcrastinateEngine(app, lost_after=2.0)
"""
TASKIQ = """
import os

from postlude.engines.taskiq import TaskiqEngine
from postlude.testing import probe_tasks
from taskiq_{kind} import {name}

probe_tasks()
broker = {name}(os.environ["BROKER"])
engine = TaskiqEngine(broker, lost_after=2.0)
"""
KINDS: dict[str, tuple[Callable[..., AsyncBroker], list[str]]] = {
    # taskiq's brokers have no priorities, and a JetStream broker has one subject.
    "redis": (RedisStreamBroker, ["priority"]),
    "nats": (PullBasedJetStreamBroker, ["priority", "queue"]),
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_procrastinate(postgres_url: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(PROCRASTINATE)
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=postgres_url))
    others: list[ProcrastinateEngine] = []

    def elsewhere(address: str) -> ProcrastinateEngine:
        place = procrastinate.PsycopgConnector(conninfo=f"postgresql://{address}/d")
        others.append(ProcrastinateEngine(procrastinate.App(connector=place), timeout=2.0))
        return others[-1]

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        report = await check_engine(
            ProcrastinateEngine(app, lost_after=LOST_AFTER),
            [str(PROGRAMS / "procrastinate"), "-a", "main.app", "worker", "-q", "default,postlude"],
            elsewhere=elsewhere,
            spare="spare",
            lease=LOST_AFTER + 2.0,
            cwd=tmp_path,
            env={"DATABASE": postgres_url, "PYTHONPATH": str(tmp_path)},
        )
    for each in others:
        await each.close()
    assert not report.without


@pytest.mark.parametrize("kind", KINDS)
async def test_taskiq(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    make, without = KINDS[kind]
    url = request.getfixturevalue(f"{kind}_url")
    (tmp_path / "main.py").write_text(TASKIQ.format(kind=kind, name=make.__name__))
    brokers: list[Any] = []

    def elsewhere(address: str) -> TaskiqEngine:
        brokers.append(make(f"{kind}://{address}"))
        return TaskiqEngine(brokers[-1], timeout=2.0)

    brokers.append(make(url))
    options = ["--workers", "1", "--max-async-tasks", "1", "--max-prefetch", "0"]
    report = await check_engine(
        TaskiqEngine(brokers[0], lost_after=LOST_AFTER),
        [str(PROGRAMS / "taskiq"), "worker", "main:broker", *options],
        elsewhere=elsewhere,
        spare="spare",
        lease=LOST_AFTER + 2.0,
        cwd=tmp_path,
        env={"BROKER": url, "PYTHONPATH": str(tmp_path)},
        without=without,
    )
    for each in brokers:
        await each.shutdown()
    assert list(report.without) == without
