import asyncio

from fastapi import FastAPI
from postlude.frameworks.fastapi import BackgroundTask, BackgroundTasks, after_response
from pydantic import BaseModel

app = FastAPI()


class User(BaseModel):
    name: str


def log_request(path: str) -> None:
    print(f"request: {path}")


async def send_email(to: str) -> None:
    print(f"email to {to}: somebody has registered")
    await asyncio.sleep(0.1)  # the mail server


def log_event(event: str) -> None:
    print(f"event: {event}")


def update_analytics() -> None:
    print("analytics: one more user")


@app.post("/users", status_code=201)
@after_response(BackgroundTask(log_request, "/users"))
async def create_user(user: User) -> dict[str, str]:
    return {"created": user.name}


@app.post("/register", status_code=201)
@after_response(
    BackgroundTasks(
        tasks=[
            BackgroundTask(send_email, "admin@example.com"),
            BackgroundTask(log_event, "user_registered"),
            BackgroundTask(update_analytics),
        ]
    )
)
async def register(user: User) -> dict[str, str]:
    return {"registered": user.name}
