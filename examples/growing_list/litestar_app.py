import asyncio
from dataclasses import dataclass

from litestar import Litestar, Response, post
from postlude.frameworks.litestar import BackgroundTasks


@dataclass
class Action:
    user_email: str
    action_type: str


def write_log(line: str) -> None:
    print(f"log: {line}")


async def send_email(to: str, subject: str, body: str) -> None:
    print(f"email to {to}: {subject}, {body}")
    await asyncio.sleep(0.1)  # the mail server


@post("/action")
async def act(data: Action) -> Response[dict[str, str]]:
    tasks = BackgroundTasks()
    if data.action_type == "important":
        tasks.add_task(send_email, data.user_email, subject="Hello", body="World")
    tasks.add_task(write_log, f"{data.user_email}: {data.action_type}")
    return Response({"status": "completed"}, status_code=201, background=tasks)


@post("/news")
async def send_news(data: list[str]) -> Response[dict[str, int]]:
    tasks = BackgroundTasks()
    for email in data:
        tasks.add_task(send_email, email, "News", body="Lamps are back")
    count = len(tasks.tasks)
    return Response({"emails": count}, status_code=202, background=tasks)


app = Litestar([act, send_news])
