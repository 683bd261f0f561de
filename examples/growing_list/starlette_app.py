import asyncio

from postlude.frameworks.starlette import BackgroundTasks
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def write_log(line: str) -> None:
    print(f"log: {line}")


async def send_email(to: str, subject: str, body: str) -> None:
    print(f"email to {to}: {subject}, {body}")
    await asyncio.sleep(0.1)  # the mail server


async def act(request: Request) -> JSONResponse:
    action = await request.json()
    user_email, action_type = action["user_email"], action["action_type"]
    tasks = BackgroundTasks()
    if action_type == "important":
        tasks.add_task(send_email, user_email, subject="Hello", body="World")
    tasks.add_task(write_log, f"{user_email}: {action_type}")
    return JSONResponse({"status": "completed"}, status_code=201, background=tasks)


async def send_news(request: Request) -> JSONResponse:
    emails = await request.json()
    tasks = BackgroundTasks()
    for email in emails:
        tasks.add_task(send_email, email, "News", body="Lamps are back")
    count = len(tasks.tasks)
    return JSONResponse({"emails": count}, status_code=202, background=tasks)


app = Starlette(
    routes=[
        Route("/action", act, methods=["POST"]),
        Route("/news", send_news, methods=["POST"]),
    ]
)
