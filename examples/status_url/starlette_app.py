import asyncio

from postlude import (
    BackgroundTask,
    Failed,
    PostludeMiddleware,
    Succeeded,
    TaskRunner,
    TaskStatus,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

runner = TaskRunner()


async def build_report(number: int) -> str:
    if number == 13:
        raise LookupError("no sales in month 13")
    await asyncio.sleep(2)
    return f"sales of month {number}"


def hand_over(number: int) -> str:
    task = BackgroundTask(build_report, number).with_options(task_id=f"month-{number}")
    return runner.submit(task).id


def state_of(task_id: str) -> dict[str, str]:
    handle = runner.get(task_id)
    if handle is None:
        return {"status": TaskStatus.UNKNOWN}
    match handle.outcome:
        case Succeeded(value=report):
            return {"status": handle.status, "report": report}
        case Failed(error=error):
            return {"status": handle.status, "error": str(error)}
        case _:
            return {"status": handle.status}


async def order(request: Request) -> JSONResponse:
    task_id = hand_over(int(request.query_params["month"]))
    return JSONResponse({"status_url": f"/status?task_id={task_id}"}, status_code=202)


async def status(request: Request) -> JSONResponse:
    state = state_of(request.query_params["task_id"])
    return JSONResponse(state, status_code=404 if state["status"] == "unknown" else 200)


async def cancel(request: Request) -> JSONResponse:
    handle = runner.get(request.query_params["task_id"])
    if handle is not None:
        handle.cancel()
    return JSONResponse({"known": handle is not None}, status_code=202)


api = Starlette(
    routes=[
        Route("/reports", order, methods=["POST"]),
        Route("/status", status),
        Route("/cancel", cancel, methods=["POST"]),
    ]
)
app = PostludeMiddleware(api, runner)
