import asyncio
from typing import Annotated

from postlude import Health, TaskMonitor, TaskRunner, current_tasks, subscribe
from postlude.frameworks.velithon import PostludeMiddleware
from postlude.instrumentation.prometheus import Metrics
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from velithon import Velithon
from velithon.params import Query
from velithon.responses import JSONResponse, Response

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


api = Velithon()


@api.post("/signups")
async def sign_up(email: Annotated[str, Query()]) -> JSONResponse:
    current_tasks().add_task(send_welcome, email)
    return JSONResponse({"signed_up": email}, status_code=202)


@api.get("/task-metrics")
async def get_task_metrics() -> dict[str, object]:
    return task_metrics()


@api.get("/health/background-tasks")
async def get_health() -> JSONResponse:
    answer, status = task_health()
    return JSONResponse(answer, status_code=status)


@api.get("/metrics")
async def get_metrics() -> Response:
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


app = PostludeMiddleware(api, runner)
