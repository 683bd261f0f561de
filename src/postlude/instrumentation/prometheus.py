"""Metrics of tasks for Prometheus."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from postlude._events import TaskEnded, TaskRetried
from postlude._handle import ENDS
from postlude._labels import Labels
from postlude._standing import Standing
from postlude.errors import MissingDependency

try:
    from prometheus_client import REGISTRY, Counter, Gauge, Histogram
except ModuleNotFoundError as error:
    raise MissingDependency("prometheus_client", extra="prometheus") from error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from postlude._events import TaskEvent
    from prometheus_client import CollectorRegistry

BUCKETS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)


class Metrics:
    """Counts and times tasks for Prometheus, by name and outcome.

    | metric | kind | labels |
    |---|---|---|
    | `postlude_tasks_total` | counter | `name`, `outcome` |
    | `postlude_task_retries_total` | counter | `name` |
    | `postlude_task_duration_seconds` | histogram | `name`, `outcome` |
    | `postlude_tasks_pending` | gauge | `name` |
    | `postlude_tasks_running` | gauge | `name` |

    An `outcome` is `succeeded`, `failed`, `timed_out` or `cancelled`. Durations are those of whole
    tasks, waits between attempts included; a task that was never called has none.

    Example:
        ```python
        import asyncio

        from postlude import BackgroundTask, subscribe
        from postlude.instrumentation.prometheus import Metrics
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry()
        with subscribe(Metrics(registry)):
            asyncio.run(BackgroundTask(asyncio.sleep, 0)())

        for line in generate_latest(registry).decode().splitlines():
            if line.startswith(("postlude_tasks_total", "postlude_tasks_running")):
                print(line)
        ```

        ```text title="Output"
        postlude_tasks_total{name="sleep",outcome="succeeded"} 1.0
        postlude_tasks_running{name="sleep"} 0.0
        ```
    """

    def __init__(
        self,
        registry: CollectorRegistry = REGISTRY,
        *,
        prefix: str = "postlude",
        buckets: Sequence[float] = BUCKETS,
        max_names: int = 200,
    ) -> None:
        """Register the metrics.

        Args:
            registry: Where; by default the library's own.
            prefix: What their names begin with.
            buckets: The upper bounds of the histogram, in seconds.
            max_names: How many names of tasks are told apart; later ones are labelled `(others)`,
                since Prometheus keeps every label for good.

        Raises:
            ValueError: The registry has metrics of these names already, or `max_names` is 0 or
                less.

        Example:
            ```python
            import asyncio

            from postlude import BackgroundTask, subscribe
            from postlude.instrumentation.prometheus import Metrics
            from prometheus_client import CollectorRegistry, generate_latest

            registry = CollectorRegistry()
            with subscribe(Metrics(registry, prefix="shop", buckets=[60], max_names=1)):
                for function in (max, min):
                    asyncio.run(BackgroundTask(function, 3, 7)())

            for line in generate_latest(registry).decode().splitlines():
                if "bucket{" in line:
                    print(line)
            ```

            ```text title="Output"
            shop_task_duration_seconds_bucket{le="60.0",name="max",outcome="succeeded"} 1.0
            shop_task_duration_seconds_bucket{le="+Inf",name="max",outcome="succeeded"} 1.0
            shop_task_duration_seconds_bucket{le="60.0",name="(others)",outcome="succeeded"} 1.0
            shop_task_duration_seconds_bucket{le="+Inf",name="(others)",outcome="succeeded"} 1.0
            ```
        """
        self._label = Labels(max_names)
        self._lock = threading.Lock()
        self._standing = Standing()
        self._ended = Counter(
            f"{prefix}_tasks", "Tasks that ended.", ["name", "outcome"], registry=registry
        )
        self._retries = Counter(
            f"{prefix}_task_retries",
            "Attempts that were followed by another.",
            ["name"],
            registry=registry,
        )
        self._durations = Histogram(
            f"{prefix}_task_duration_seconds",
            "Seconds from the first attempt of a task to its end.",
            ["name", "outcome"],
            buckets=buckets,
            registry=registry,
        )
        # Summed over the processes that live, where a server has several.
        self._pending = Gauge(
            f"{prefix}_tasks_pending",
            "Tasks that wait for their first attempt or for their next one.",
            ["name"],
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._running = Gauge(
            f"{prefix}_tasks_running",
            "Attempts that are under way.",
            ["name"],
            multiprocess_mode="livesum",
            registry=registry,
        )

    def __call__(self, event: TaskEvent) -> None:
        """Count an event."""
        with self._lock:
            name = self._label(event.name)
            self._standing.see(event, name)
            self._pending.labels(name).set(self._standing.pending.get(name, 0))
            self._running.labels(name).set(self._standing.running.get(name, 0))
        if isinstance(event, TaskRetried):
            self._retries.labels(name).inc()
        elif isinstance(event, TaskEnded):
            outcome = ENDS[type(event.outcome)]
            self._ended.labels(name, outcome).inc()
            if event.attempt:
                self._durations.labels(name, outcome).observe(event.outcome.duration)
