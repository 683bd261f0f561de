import asyncio
from dataclasses import dataclass

from litestar import Litestar, post
from postlude.frameworks.litestar import BackgroundTask, BackgroundTasks, after_response


@dataclass
class User:
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


@post("/users")
@after_response(BackgroundTask(log_request, "/users"))
async def create_user(data: User) -> dict[str, str]:
    return {"created": data.name}


@post("/register")
@after_response(
    BackgroundTasks(
        tasks=[
            BackgroundTask(send_email, "admin@example.com"),
            BackgroundTask(log_event, "user_registered"),
            BackgroundTask(update_analytics),
        ]
    )
)
async def register(data: User) -> dict[str, str]:
    return {"registered": data.name}


app = Litestar([create_user, register])
