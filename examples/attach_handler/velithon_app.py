import asyncio
from typing import Annotated

from postlude.frameworks.velithon import BackgroundTask, BackgroundTasks, after_response
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body
from velithon.responses import JSONResponse

app = Velithon()


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


@app.post("/users")
@after_response(BackgroundTask(log_request, "/users"))
async def create_user(user: Annotated[User, Body()]) -> JSONResponse:
    return JSONResponse({"created": user.name}, status_code=201)


@app.post("/register")
@after_response(
    BackgroundTasks(
        tasks=[
            BackgroundTask(send_email, "admin@example.com"),
            BackgroundTask(log_event, "user_registered"),
            BackgroundTask(update_analytics),
        ]
    )
)
async def register(user: Annotated[User, Body()]) -> JSONResponse:
    return JSONResponse({"registered": user.name}, status_code=201)
