from jobs import clean_up, minutes, process_batch, send_alert
from postlude import BackgroundTask, EngineUnavailable
from queues import engine, state_of
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def say_later(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": "try again later"}, 503, {"Retry-After": "5"})


async def alert(request: Request) -> JSONResponse:
    alert = await request.json()
    task = BackgroundTask(send_alert, alert["user_id"], alert["message"])
    urgent = task.with_options(engine=engine, queue="high")
    handle = await urgent.with_options(task_id=f"alert-{alert['number']}").submit()
    return JSONResponse({"job_id": handle.id, "priority": "high"}, 202)


async def batch(request: Request) -> JSONResponse:
    task = BackgroundTask(process_batch, await request.json())
    handle = await task.with_options(engine=engine, queue="normal").submit()
    body = {"job_id": handle.id, "priority": "normal", "estimated_time": minutes}
    return JSONResponse(body, 202)


async def clean(request: Request) -> JSONResponse:
    task = BackgroundTask(clean_up)
    handle = await task.with_options(engine=engine, queue="low").submit()
    return JSONResponse({"job_id": handle.id, "priority": "low"}, 202)


async def status(request: Request) -> JSONResponse:
    state = await state_of(request.path_params["job_id"])
    return JSONResponse(state, 200 if "status" in state else 404)


app = Starlette(
    routes=[
        Route("/urgent-alert", alert, methods=["POST"]),
        Route("/process-batch", batch, methods=["POST"]),
        Route("/schedule-cleanup", clean, methods=["POST"]),
        Route("/job-status/{job_id}", status),
    ],
    exception_handlers={EngineUnavailable: say_later},
)
