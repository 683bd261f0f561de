from jobs import clean_up, minutes, process_batch, send_alert
from postlude import BackgroundTask, EngineUnavailable
from pydantic import BaseModel
from queues import engine, state_of
from ravyn import Gateway, JSONResponse, Ravyn, Request, Response, get, post


class Alert(BaseModel):
    number: int
    user_id: int
    message: str


def say_later(request: Request, error: Exception) -> Response[dict[str, str]]:
    return Response(
        {"error": "try again later"},
        status_code=503,
        headers={"Retry-After": "5"},
        media_type="application/json",
    )


@post("/urgent-alert")
async def alert(data: Alert) -> JSONResponse:
    task = BackgroundTask(send_alert, data.user_id, data.message)
    urgent = task.with_options(engine=engine, queue="high")
    handle = await urgent.with_options(task_id=f"alert-{data.number}").submit()
    return JSONResponse({"job_id": handle.id, "priority": "high"}, status_code=202)


@post("/process-batch")
async def batch(data: list[str]) -> JSONResponse:
    task = BackgroundTask(process_batch, data)
    handle = await task.with_options(engine=engine, queue="normal").submit()
    body = {"job_id": handle.id, "priority": "normal", "estimated_time": minutes}
    return JSONResponse(body, status_code=202)


@post("/schedule-cleanup")
async def clean() -> JSONResponse:
    task = BackgroundTask(clean_up)
    handle = await task.with_options(engine=engine, queue="low").submit()
    return JSONResponse({"job_id": handle.id, "priority": "low"}, status_code=202)


@get("/job-status/{job_id}")
async def status(job_id: str) -> JSONResponse:
    state = await state_of(job_id)
    return JSONResponse(state, status_code=200 if "status" in state else 404)


app = Ravyn(
    routes=[Gateway(handler=each) for each in (alert, batch, clean, status)],
    exception_handlers={EngineUnavailable: say_later},
)
