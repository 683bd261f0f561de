from typing import Annotated

from jobs import clean_up, minutes, process_batch, send_alert
from postlude import BackgroundTask, EngineUnavailable
from pydantic import BaseModel
from queues import engine, state_of
from velithon import Velithon
from velithon.params import Body, Path
from velithon.responses import JSONResponse

app = Velithon()


class Alert(BaseModel):
    number: int
    user_id: int
    message: str


async def send(task: BackgroundTask, **more: str) -> JSONResponse:
    try:
        handle = await task.with_options(engine=engine).submit()
    except EngineUnavailable:
        return say_later()
    return JSONResponse({"job_id": handle.id, **more}, 202)


def say_later() -> JSONResponse:
    return JSONResponse({"error": "try again later"}, 503, {"Retry-After": "5"})


@app.post("/urgent-alert")
async def alert(alert: Annotated[Alert, Body()]) -> JSONResponse:
    task = BackgroundTask(send_alert, alert.user_id, alert.message)
    urgent = task.with_options(queue="high", task_id=f"alert-{alert.number}")
    return await send(urgent, priority="high")


@app.post("/process-batch")
async def batch(items: Annotated[list[str], Body()]) -> JSONResponse:
    task = BackgroundTask(process_batch, items).with_options(queue="normal")
    return await send(task, priority="normal", estimated_time=minutes)


@app.post("/schedule-cleanup")
async def clean() -> JSONResponse:
    task = BackgroundTask(clean_up).with_options(queue="low")
    return await send(task, priority="low")


@app.get("/job-status/{job_id}")
async def status(job_id: Annotated[str, Path()]) -> JSONResponse:
    try:
        state = await state_of(job_id)
    except EngineUnavailable:
        return say_later()
    return JSONResponse(state, 200 if "status" in state else 404)
