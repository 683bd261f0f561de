"""What `rq worker -c tests.conformance.rq_worker` imports."""

from __future__ import annotations

from typing import Any, cast

from postlude.engines.rq import RQEngine
from postlude.testing import probe_tasks
from redis import Redis
from rq import Queue, Worker

QUEUES = ("top", "high", "default", "low", "spare")


def engine(url: str, **options: Any) -> RQEngine:
    connection = cast("Any", Redis).from_url(url)
    return RQEngine(*(Queue(name, connection=connection) for name in QUEUES), **options)


class BriskWorker(Worker):
    """One whose loss is noticed after seconds; with RQ's own numbers it takes a minute at least."""

    def get_heartbeat_ttl(self, job: Any, working_time: float = 0.0) -> int:
        return 4


probe_tasks()
