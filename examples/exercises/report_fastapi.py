from archive import build_report, send_report
from fastapi import FastAPI, HTTPException
from postlude import BackgroundTask, PostludeMiddleware, TaskRunner, TaskStatus
from pydantic import BaseModel

runner = TaskRunner(max_concurrent=1)
WORDS = {
    TaskStatus.PENDING: "queued",
    TaskStatus.RUNNING: "running",
    TaskStatus.SUCCEEDED: "done",
}
api = FastAPI()


class Order(BaseModel):
    month: int
    email: str


def make_report(order: Order) -> None:
    report = build_report(order.month)
    runner.submit(BackgroundTask(send_report, order.email, report))


@api.post("/reports", status_code=202)
async def accept(order: Order) -> dict[str, str]:
    return {"job": runner.submit(BackgroundTask(make_report, order)).id}


@api.get("/reports/{job}")
async def status(job: str) -> dict[str, str]:
    handle = runner.get(job)
    if handle is None:
        raise HTTPException(404, f"there is no job {job}")
    return {"status": WORDS.get(handle.status, "failed")}


app = PostludeMiddleware(api, runner)
