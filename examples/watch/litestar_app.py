import asyncio

from litestar import Litestar, Response, get, post
from postlude import (
    Health,
    PostludeMiddleware,
    TaskMonitor,
    TaskRunner,
    current_tasks,
    subscribe,
)
from postlude.instrumentation.prometheus import Metrics
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

monitor = TaskMonitor()
registry = CollectorRegistry()
subscribe(Metrics(registry))  # every task of the process
runner = TaskRunner(monitor=monitor)  # every task of this runner


async def send_welcome(to: str) -> None:
    if "@" not in to:
        raise ValueError("no such address")
    await asyncio.sleep(0.01)


def task_metrics() -> dict[str, object]:
    return {
        "total_tasks": monitor.total_tasks,
        "completed_tasks": monitor.completed_tasks,
        "failed_tasks": monitor.failed_tasks,
        "average_duration": monitor.average_duration,
        "task_breakdown": monitor.get_task_stats(),
    }


def task_health() -> tuple[dict[str, object], int]:
    recent = monitor.get_recent_stats(minutes=5)
    health = monitor.health(minutes=5)
    answer: dict[str, object] = {
        "status": health,
        "recent_tasks": recent["total_tasks"],
        "failure_rate": recent["failure_rate"],
        "average_duration": recent["average_duration"],
    }
    return answer, 503 if health == Health.UNHEALTHY else 200


@post("/signups", status_code=202)
async def sign_up(email: str) -> dict[str, str]:
    current_tasks().add_task(send_welcome, email)
    return {"signed_up": email}


@get("/task-metrics")
async def get_task_metrics() -> dict[str, object]:
    return task_metrics()


@get("/health/background-tasks")
async def get_health() -> Response[dict[str, object]]:
    answer, status = task_health()
    return Response(answer, status_code=status)


@get("/metrics")
async def get_metrics() -> Response[bytes]:
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


api = Litestar([sign_up, get_task_metrics, get_health, get_metrics])
app = PostludeMiddleware(api, runner)
