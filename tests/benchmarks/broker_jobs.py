"""What Celery and RQ run in S17, each in a worker process of its own."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

URL = os.environ["BENCHMARKS_REDIS"]
FINISHED = "benchmarks.finished"

# Libraries without types.
app: Any = import_module("celery").Celery("benchmarks", broker=URL)
app.conf.task_ignore_result = True
redis: Any = import_module("redis").Redis.from_url(URL)
queue: Any = import_module("rq").Queue("benchmarks", connection=redis)


def nothing() -> None:
    """Nothing."""


def finish() -> None:
    """Say that all before it are done: one worker takes one job after another."""
    redis.rpush(FINISHED, 1)


def wait_until_finished() -> None:
    """Until a worker has come to `finish`."""
    if redis.blpop(FINISHED, timeout=60) is None:
        raise TimeoutError("A worker has not done its jobs within 60 s.")


nothing_by_celery: Any = app.task(nothing)
finish_by_celery: Any = app.task(finish)
