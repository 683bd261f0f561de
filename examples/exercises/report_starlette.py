from archive import build_report, send_report
from postlude import BackgroundTask, PostludeMiddleware, TaskRunner, TaskStatus
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

runner = TaskRunner(max_concurrent=1)
WORDS = {
    TaskStatus.PENDING: "queued",
    TaskStatus.RUNNING: "running",
    TaskStatus.SUCCEEDED: "done",
}


def make_report(month: int, email: str) -> None:
    report = build_report(month)
    runner.submit(BackgroundTask(send_report, email, report))


async def accept(request: Request) -> JSONResponse:
    order = await request.json()
    task = BackgroundTask(make_report, order["month"], order["email"])
    return JSONResponse({"job": runner.submit(task).id}, status_code=202)


async def status(request: Request) -> JSONResponse:
    job = request.path_params["job"]
    handle = runner.get(job)
    if handle is None:
        raise HTTPException(404, f"there is no job {job}")
    return JSONResponse({"status": WORDS.get(handle.status, "failed")})


api = Starlette(
    routes=[
        Route("/reports", accept, methods=["POST"]),
        Route("/reports/{job}", status),
    ]
)
app = PostludeMiddleware(api, runner)
