import time
from pathlib import Path

from postlude import PostludeMiddleware, RetryPolicy, TaskRunner
from postlude.frameworks.starlette import BackgroundTasks
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

mail_server = {"is_up": True}
outbox: list[str] = []


async def send_welcome(to: str) -> None:
    if "@" not in to:
        raise ValueError("that is no address")
    if not mail_server["is_up"]:
        raise ConnectionError("the mail server does not answer")
    outbox.append(to)


def write_audit(line: str) -> None:
    time.sleep(0.25)
    with Path("audit.log").open("a") as log:
        log.write(f"{line}\n")


def tasks_for(email: str) -> BackgroundTasks:
    patient = RetryPolicy(
        max_retries=2, initial_delay=60, jitter=0, retry_on=ConnectionError
    )
    tasks = BackgroundTasks()
    tasks.add_task(send_welcome, email, retry_policy=patient)
    tasks.add_task(write_audit, "registered")
    return tasks


async def register(request: Request) -> JSONResponse:
    email = (await request.json())["email"]
    return JSONResponse({"registered": email}, 201, background=tasks_for(email))


api = Starlette(routes=[Route("/register", register, methods=["POST"])])
app = PostludeMiddleware(api, TaskRunner())
