"""What `celery -A tests.conformance.celery_plain worker` runs: nothing is set but the address."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery  # pyright: ignore[reportMissingTypeStubs]
from postlude.engines.celery import CeleryEngine
from postlude.testing import probe_tasks

url = os.environ.get("BROKER", "redis://localhost")
app: Any = Celery("probe", broker=url, backend=url)
CeleryEngine(app)
probe_tasks()
