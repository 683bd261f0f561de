import asyncio

from litestar import Litestar, Response, get, post
from postlude import (
    BackgroundTask,
    Failed,
    PostludeMiddleware,
    Succeeded,
    TaskRunner,
    TaskStatus,
)

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


@post("/reports", status_code=202)
async def order(month: int) -> dict[str, str]:
    return {"status_url": f"/status?task_id={hand_over(month)}"}


@get("/status")
async def status(task_id: str) -> Response[dict[str, str]]:
    state = state_of(task_id)
    return Response(state, status_code=404 if state["status"] == "unknown" else 200)


@post("/cancel", status_code=202)
async def cancel(task_id: str) -> dict[str, bool]:
    handle = runner.get(task_id)
    if handle is not None:
        handle.cancel()
    return {"known": handle is not None}


app = PostludeMiddleware(Litestar([order, status, cancel]), runner)
