import asyncio

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from postlude.frameworks.fastapi import BackgroundTasks
from pydantic import BaseModel

app = FastAPI()


class Action(BaseModel):
    user_email: str
    action_type: str


def write_log(line: str) -> None:
    print(f"log: {line}")


async def send_email(to: str, subject: str, body: str) -> None:
    print(f"email to {to}: {subject}, {body}")
    await asyncio.sleep(0.1)  # the mail server


@app.post("/action")
async def act(action: Action) -> JSONResponse:
    tasks = BackgroundTasks()
    if action.action_type == "important":
        tasks.add_task(send_email, action.user_email, subject="Hello", body="World")
    tasks.add_task(write_log, f"{action.user_email}: {action.action_type}")
    return JSONResponse({"status": "completed"}, status_code=201, background=tasks)


@app.post("/news")
async def send_news(emails: list[str]) -> JSONResponse:
    tasks = BackgroundTasks()
    for email in emails:
        tasks.add_task(send_email, email, "News", body="Lamps are back")
    count = len(tasks.tasks)
    return JSONResponse({"emails": count}, status_code=202, background=tasks)
