import time
from pathlib import Path
from typing import Annotated

from postlude import RetryPolicy, TaskRunner
from postlude.frameworks.velithon import BackgroundTasks, PostludeMiddleware
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body
from velithon.responses import JSONResponse

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


class Customer(BaseModel):
    email: str


api = Velithon()


@api.post("/register")
async def register(customer: Annotated[Customer, Body()]) -> JSONResponse:
    email = customer.email
    return JSONResponse({"registered": email}, 201, background=tasks_for(email))


app = PostludeMiddleware(api, TaskRunner())
