"""Metrics: what Prometheus is told of tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest
from postlude import BackgroundTask, RetryPolicy, TaskRunner, subscribe
from postlude.instrumentation.prometheus import Metrics
from prometheus_client import CollectorRegistry, generate_latest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.anyio


@pytest.fixture
def registry() -> Iterator[CollectorRegistry]:
    registry = CollectorRegistry()
    with subscribe(Metrics(registry)):
        yield registry


def fail() -> None:
    raise ValueError("bad")


async def test_ends_are_counted_by_name_and_outcome(registry: CollectorRegistry) -> None:
    for _ in range(3):
        await BackgroundTask(max, 1, 2)()
    await BackgroundTask(fail).with_options(
        retry_policy=RetryPolicy(max_retries=2, initial_delay=0.0)
    )()
    await BackgroundTask(anyio.sleep, 60).with_options(timeout=0.01)()
    for name, outcome, count in (
        ("max", "succeeded", 3),
        ("fail", "failed", 1),
        ("sleep", "timed_out", 1),
    ):
        labels = {"name": name, "outcome": outcome}
        assert registry.get_sample_value("postlude_tasks_total", labels) == count
        seconds = registry.get_sample_value("postlude_task_duration_seconds_sum", labels)
        assert seconds is not None
        assert seconds >= (0.01 if name == "sleep" else 0)
    assert registry.get_sample_value("postlude_task_retries_total", {"name": "fail"}) == 2


async def test_what_waits_and_what_runs_are_gauges(registry: CollectorRegistry) -> None:
    go_on = anyio.Event()

    def gauges() -> list[float | None]:
        return [
            registry.get_sample_value(f"postlude_tasks_{kind}", {"name": "wait"})
            for kind in ("pending", "running")
        ]

    async with TaskRunner(max_concurrent=2) as runner:
        handles = [
            runner.submit(BackgroundTask(go_on.wait).with_options(name="wait")) for _ in range(5)
        ]
        await anyio.wait_all_tasks_blocked()
        assert gauges() == [3, 2]
        handles[-1].cancel()
        assert gauges() == [2, 2]
        go_on.set()
    assert gauges() == [0, 0]
    labels = {"name": "wait", "outcome": "cancelled"}
    assert registry.get_sample_value("postlude_tasks_total", labels) == 1
    assert registry.get_sample_value("postlude_task_duration_seconds_count", labels) is None


async def test_names_prefix_and_buckets_are_ones_own() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry, prefix="shop", buckets=[1.0], max_names=1)
    async with TaskRunner(monitor=metrics) as runner:
        for name in ("a", "b", "c"):
            await runner.submit(BackgroundTask(max, 1, 2).with_options(name=name)).wait()
    text = generate_latest(registry).decode()
    assert 'shop_tasks_total{name="a",outcome="succeeded"} 1.0' in text
    assert 'shop_tasks_total{name="(others)",outcome="succeeded"} 2.0' in text
    assert 'le="1.0",name="a"' in text
    assert 'le="5.0"' not in text
    assert '"b"' not in text


async def test_too_few_names_are_refused() -> None:
    with pytest.raises(ValueError, match="max_names=0 must be 1 or more"):
        Metrics(CollectorRegistry(), max_names=0)
