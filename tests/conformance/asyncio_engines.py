"""The checks of taskiq and procrastinate, with real brokers and real workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import procrastinate
from postlude.engines.procrastinate import ProcrastinateEngine
from postlude.engines.taskiq import TaskiqEngine
from postlude.testing import check_engine
from taskiq_nats import PullBasedJetStreamBroker
from taskiq_redis import RedisStreamBroker
from tests.engines.programs import PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from postlude.testing import EngineReport
    from taskiq import AsyncBroker

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
BROKERS: dict[str, Callable[..., AsyncBroker]] = {
    "redis": RedisStreamBroker,
    "nats": PullBasedJetStreamBroker,
}


async def check_procrastinate(
    url: str, folder: Path, *, without: Collection[str] = ()
) -> EngineReport:
    """The check over a database of its own."""
    (folder / "main.py").write_text(PROCRASTINATE)
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))
    others: list[ProcrastinateEngine] = []

    def elsewhere(address: str) -> ProcrastinateEngine:
        place = procrastinate.PsycopgConnector(conninfo=f"postgresql://{address}/d")
        others.append(ProcrastinateEngine(procrastinate.App(connector=place), timeout=2.0))
        return others[-1]

    options = ["-a", "main.app", "worker", "-q", "default,postlude"]
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        try:
            return await check_engine(
                ProcrastinateEngine(app, lost_after=LOST_AFTER),
                [str(PROGRAMS / "procrastinate"), *options],
                elsewhere=elsewhere,
                spare="spare",
                lease=LOST_AFTER + 2.0,
                cwd=folder,
                env={"DATABASE": url, "PYTHONPATH": str(folder)},
                without=without,
            )
        finally:
            for each in others:
                await each.close()


async def check_taskiq(
    kind: str, url: str, folder: Path, *, without: Collection[str] = ()
) -> EngineReport:
    """The check over a broker of its own."""
    make = BROKERS[kind]
    (folder / "main.py").write_text(TASKIQ.format(kind=kind, name=make.__name__))
    brokers: list[Any] = [make(url)]

    def elsewhere(address: str) -> TaskiqEngine:
        brokers.append(make(f"{kind}://{address}"))
        return TaskiqEngine(brokers[-1], timeout=2.0)

    options = "--workers 1 --max-async-tasks 1 --max-prefetch 0"
    try:
        return await check_engine(
            TaskiqEngine(brokers[0], lost_after=LOST_AFTER),
            [str(PROGRAMS / "taskiq"), "worker", "main:broker", *options.split()],
            elsewhere=elsewhere,
            spare="spare",
            lease=LOST_AFTER + 2.0,
            cwd=folder,
            env={"BROKER": url, "PYTHONPATH": str(folder)},
            without=without,
        )
    finally:
        for each in brokers:
            await each.shutdown()
