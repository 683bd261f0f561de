from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from jobs import clean_up, minutes, process_batch, send_alert
from postlude import BackgroundTask, EngineUnavailable
from pydantic import BaseModel
from queues import engine, state_of

app = FastAPI()


class Alert(BaseModel):
    number: int
    user_id: int
    message: str


@app.exception_handler(EngineUnavailable)
async def say_later(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": "try again later"}, 503, {"Retry-After": "5"})


@app.post("/urgent-alert", status_code=202)
async def alert(alert: Alert) -> dict[str, str]:
    task = BackgroundTask(send_alert, alert.user_id, alert.message)
    urgent = task.with_options(engine=engine, queue="high")
    handle = await urgent.with_options(task_id=f"alert-{alert.number}").submit()
    return {"job_id": handle.id, "priority": "high"}


@app.post("/process-batch", status_code=202)
async def batch(items: list[str]) -> dict[str, str]:
    task = BackgroundTask(process_batch, items)
    handle = await task.with_options(engine=engine, queue="normal").submit()
    return {"job_id": handle.id, "priority": "normal", "estimated_time": minutes}


@app.post("/schedule-cleanup", status_code=202)
async def clean() -> dict[str, str]:
    task = BackgroundTask(clean_up)
    handle = await task.with_options(engine=engine, queue="low").submit()
    return {"job_id": handle.id, "priority": "low"}


@app.get("/job-status/{job_id}")
async def status(job_id: str) -> JSONResponse:
    state = await state_of(job_id)
    return JSONResponse(state, 200 if "status" in state else 404)
