from dataclasses import dataclass

from archive import build_report, send_report
from litestar import Litestar, get, post
from litestar.exceptions import NotFoundException
from postlude import BackgroundTask, PostludeMiddleware, TaskRunner, TaskStatus

runner = TaskRunner(max_concurrent=1)
WORDS = {
    TaskStatus.PENDING: "queued",
    TaskStatus.RUNNING: "running",
    TaskStatus.SUCCEEDED: "done",
}


@dataclass
class Order:
    month: int
    email: str


def make_report(order: Order) -> None:
    report = build_report(order.month)
    runner.submit(BackgroundTask(send_report, order.email, report))


@post("/reports", status_code=202)
async def accept(data: Order) -> dict[str, str]:
    return {"job": runner.submit(BackgroundTask(make_report, data)).id}


@get("/reports/{job:str}")
async def status(job: str) -> dict[str, str]:
    handle = runner.get(job)
    if handle is None:
        raise NotFoundException(f"there is no job {job}")
    return {"status": WORDS.get(handle.status, "failed")}


app = PostludeMiddleware(Litestar([accept, status]), runner)
