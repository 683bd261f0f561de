import asyncio

from postlude.frameworks.ravyn import BackgroundTasks
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, post


class Action(BaseModel):
    user_email: str
    action_type: str


def write_log(line: str) -> None:
    print(f"log: {line}")


async def send_email(to: str, subject: str, body: str) -> None:
    print(f"email to {to}: {subject}, {body}")
    await asyncio.sleep(0.1)  # the mail server


@post("/action")
async def act(data: Action) -> JSONResponse:
    tasks = BackgroundTasks()
    if data.action_type == "important":
        tasks.add_task(send_email, data.user_email, subject="Hello", body="World")
    tasks.add_task(write_log, f"{data.user_email}: {data.action_type}")
    return JSONResponse({"status": "completed"}, status_code=201, background=tasks)


@post("/news")
async def send_news(data: list[str]) -> JSONResponse:
    tasks = BackgroundTasks()
    for email in data:
        tasks.add_task(send_email, email, "News", body="Lamps are back")
    count = len(tasks.tasks)
    return JSONResponse({"emails": count}, status_code=202, background=tasks)


app = Ravyn(routes=[Gateway(handler=act), Gateway(handler=send_news)])
