import time
from pathlib import Path

from postlude import PostludeMiddleware, RetryPolicy, TaskRunner
from postlude.frameworks.ravyn import BackgroundTasks
from ravyn import Gateway, JSONResponse, Ravyn, post

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


@post("/register")
async def register(data: dict[str, str]) -> JSONResponse:
    email = data["email"]
    tasks = tasks_for(email)
    return JSONResponse({"registered": email}, status_code=201, background=tasks)


api = Ravyn(routes=[Gateway(handler=register)])
app = PostludeMiddleware(api, TaskRunner())
