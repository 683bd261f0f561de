import asyncio

from postlude.frameworks.starlette import (
    BackgroundTask,
    BackgroundTasks,
    after_response,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def log_request(path: str) -> None:
    print(f"request: {path}")


async def send_email(to: str) -> None:
    print(f"email to {to}: somebody has registered")
    await asyncio.sleep(0.1)  # the mail server


def log_event(event: str) -> None:
    print(f"event: {event}")


def update_analytics() -> None:
    print("analytics: one more user")


@after_response(BackgroundTask(log_request, "/users"))
async def create_user(request: Request) -> JSONResponse:
    user = await request.json()
    return JSONResponse({"created": user["name"]}, status_code=201)


@after_response(
    BackgroundTasks(
        tasks=[
            BackgroundTask(send_email, "admin@example.com"),
            BackgroundTask(log_event, "user_registered"),
            BackgroundTask(update_analytics),
        ]
    )
)
async def register(request: Request) -> JSONResponse:
    user = await request.json()
    return JSONResponse({"registered": user["name"]}, status_code=201)


app = Starlette(
    routes=[
        Route("/users", create_user, methods=["POST"]),
        Route("/register", register, methods=["POST"]),
    ]
)
