from dataclasses import dataclass
from typing import Any

from jobs import clean_up, minutes, process_batch, send_alert
from litestar import Litestar, Request, Response, get, post
from postlude import BackgroundTask, EngineUnavailable
from queues import engine, state_of


@dataclass
class Alert:
    number: int
    user_id: int
    message: str


def say_later(
    request: Request[Any, Any, Any], error: EngineUnavailable
) -> Response[dict[str, str]]:
    body = {"error": "try again later"}
    return Response(body, status_code=503, headers={"Retry-After": "5"})


@post("/urgent-alert", status_code=202)
async def alert(data: Alert) -> dict[str, str]:
    task = BackgroundTask(send_alert, data.user_id, data.message)
    urgent = task.with_options(engine=engine, queue="high")
    handle = await urgent.with_options(task_id=f"alert-{data.number}").submit()
    return {"job_id": handle.id, "priority": "high"}


@post("/process-batch", status_code=202)
async def batch(data: list[str]) -> dict[str, str]:
    task = BackgroundTask(process_batch, data)
    handle = await task.with_options(engine=engine, queue="normal").submit()
    return {"job_id": handle.id, "priority": "normal", "estimated_time": minutes}


@post("/schedule-cleanup", status_code=202)
async def clean() -> dict[str, str]:
    task = BackgroundTask(clean_up)
    handle = await task.with_options(engine=engine, queue="low").submit()
    return {"job_id": handle.id, "priority": "low"}


@get("/job-status/{job_id:str}")
async def status(job_id: str) -> Response[dict[str, Any]]:
    state = await state_of(job_id)
    return Response(state, status_code=200 if "status" in state else 404)


app = Litestar(
    [alert, batch, clean, status],
    exception_handlers={EngineUnavailable: say_later},
    logging_config=None,
)
