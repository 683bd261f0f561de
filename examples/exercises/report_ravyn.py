from archive import build_report, send_report
from postlude import BackgroundTask, PostludeMiddleware, TaskRunner, TaskStatus
from pydantic import BaseModel
from ravyn import Gateway, HTTPException, JSONResponse, Ravyn, get, post

runner = TaskRunner(max_concurrent=1)
WORDS = {
    TaskStatus.PENDING: "queued",
    TaskStatus.RUNNING: "running",
    TaskStatus.SUCCEEDED: "done",
}


class Order(BaseModel):
    month: int
    email: str


def make_report(order: Order) -> None:
    report = build_report(order.month)
    runner.submit(BackgroundTask(send_report, order.email, report))


@post("/reports")
async def accept(data: Order) -> JSONResponse:
    job = runner.submit(BackgroundTask(make_report, data)).id
    return JSONResponse({"job": job}, status_code=202)


@get("/reports/{job}")
async def status(job: str) -> JSONResponse:
    handle = runner.get(job)
    if handle is None:
        raise HTTPException(status_code=404, detail=f"there is no job {job}")
    return JSONResponse({"status": WORDS.get(handle.status, "failed")})


api = Ravyn(routes=[Gateway(handler=accept), Gateway(handler=status)])
app = PostludeMiddleware(api, runner)
