"""What `celery -A tests.conformance.celery_worker worker` runs."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery  # pyright: ignore[reportMissingTypeStubs]
from postlude.engines.celery import CeleryEngine
from postlude.testing import probe_tasks


def application(url: str, backend: str = "") -> Any:
    app: Any = Celery("probe", broker=url, backend=backend or url)
    # By default a lost worker's message waits for an hour, and is looked for every 100 s.
    # RabbitMQ has it again when the worker's connection ends.
    if url.startswith("redis:"):
        app.conf.broker_transport_options = {
            "visibility_timeout": 3,
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
        }
    else:
        app.conf.task_queue_max_priority = 10
        app.conf.task_default_priority = 5
    app.conf.worker_prefetch_multiplier = 1
    return app


app = application(os.environ.get("BROKER", "redis://localhost"), os.environ.get("BACKEND", ""))
CeleryEngine(app)
probe_tasks()
