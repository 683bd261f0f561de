import asyncio
from typing import Annotated

from postlude import (
    BackgroundTask,
    Failed,
    Succeeded,
    TaskRunner,
    TaskStatus,
)
from postlude.frameworks.velithon import PostludeMiddleware
from velithon import Velithon
from velithon.params import Query
from velithon.responses import JSONResponse

runner = TaskRunner()
TaskId = Annotated[str, Query()]


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


api = Velithon()


@api.post("/reports")
async def order(month: Annotated[int, Query()]) -> JSONResponse:
    url = f"/status?task_id={hand_over(month)}"
    return JSONResponse({"status_url": url}, status_code=202)


@api.get("/status")
async def status(task_id: TaskId) -> JSONResponse:
    state = state_of(task_id)
    return JSONResponse(state, status_code=404 if state["status"] == "unknown" else 200)


@api.post("/cancel")
async def cancel(task_id: TaskId) -> JSONResponse:
    handle = runner.get(task_id)
    if handle is not None:
        handle.cancel()
    return JSONResponse({"known": handle is not None}, status_code=202)


app = PostludeMiddleware(api, runner)
