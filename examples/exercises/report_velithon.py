from typing import Annotated

from archive import build_report, send_report
from postlude import BackgroundTask, TaskRunner, TaskStatus
from postlude.frameworks.velithon import PostludeMiddleware
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body, Path
from velithon.responses import JSONResponse

runner = TaskRunner(max_concurrent=1)
WORDS = {
    TaskStatus.PENDING: "queued",
    TaskStatus.RUNNING: "running",
    TaskStatus.SUCCEEDED: "done",
}
api = Velithon()


class Order(BaseModel):
    month: int
    email: str


def make_report(order: Order) -> None:
    report = build_report(order.month)
    runner.submit(BackgroundTask(send_report, order.email, report))


@api.post("/reports")
async def accept(order: Annotated[Order, Body()]) -> JSONResponse:
    job = runner.submit(BackgroundTask(make_report, order)).id
    return JSONResponse({"job": job}, status_code=202)


@api.get("/reports/{job}")
async def status(job: Annotated[str, Path()]) -> JSONResponse:
    handle = runner.get(job)
    if handle is None:
        return JSONResponse({"detail": f"there is no job {job}"}, status_code=404)
    return JSONResponse({"status": WORDS.get(handle.status, "failed")})


app = PostludeMiddleware(api, runner)
