"""What happens when nobody says anything else: the numbers that the pages name."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest
from postlude import (
    BackgroundScheduler,
    BackgroundTasks,
    PostludeMiddleware,
    RetryPolicy,
    TaskMonitor,
    TaskQueue,
    TaskRunner,
    Worker,
    WorkerPool,
)

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULTS: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (
        RetryPolicy,
        {
            "max_retries": 3,
            "initial_delay": 1.0,
            "max_delay": 60.0,
            "exponential_backoff": True,
            "backoff_factor": 2.0,
            "jitter": 0.1,
            "retry_on": Exception,
            "give_up_on": (),
        },
    ),
    (
        TaskRunner,
        {
            "max_concurrent": 100,
            "max_pending": 10_000,
            "max_threads": 40,
            "drain_timeout": 30.0,
            "on_full": "raise",
        },
    ),
    (BackgroundTasks, {"max_concurrent": 1}),
    (PostludeMiddleware, {"on_error_response": "run"}),
    (TaskQueue, {"max_size": 1000, "name": "default"}),
    (TaskQueue.put, {"priority": 0}),
    (Worker, {"types": None, "concurrency": 1, "rate": None}),
    (WorkerPool, {"drain_timeout": 30.0}),
    (BackgroundScheduler.add_recurring_task, {"overlap": "skip", "missed": "run_once"}),
    (
        TaskMonitor,
        {
            "degraded_above": 0.1,
            "unhealthy_above": 0.5,
            "min_tasks": 10,
            "window": 3600.0,
            "max_names": 200,
        },
    ),
    (TaskMonitor.get_recent_stats, {"minutes": 5}),
    (TaskMonitor.health, {"minutes": 5}),
]


@pytest.mark.parametrize(
    ("what", "wanted"), DEFAULTS, ids=[what.__qualname__ for what, _ in DEFAULTS]
)
def test_the_default_is(what: Callable[..., Any], wanted: dict[str, Any]) -> None:
    parameters = inspect.signature(what).parameters
    assert {name: parameters[name].default for name in wanted} == wanted


KEYWORDS: list[tuple[Callable[..., Any], int]] = [
    (RetryPolicy, 4),
    (TaskRunner, 0),
    (BackgroundTasks, 1),
    (TaskQueue, 1),
    (Worker, 2),
    (TaskMonitor, 0),
]


@pytest.mark.parametrize(
    ("what", "positional"), KEYWORDS, ids=[what.__qualname__ for what, _ in KEYWORDS]
)
def test_options_are_named(what: Callable[..., Any], positional: int) -> None:
    kinds = [parameter.kind for parameter in inspect.signature(what).parameters.values()]
    assert kinds.count(inspect.Parameter.POSITIONAL_OR_KEYWORD) == positional
