import asyncio

from postlude.frameworks.ravyn import BackgroundTask, BackgroundTasks, after_response
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, post


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


@post("/users")
@after_response(BackgroundTask(log_request, "/users"))
async def create_user(data: User) -> JSONResponse:
    return JSONResponse({"created": data.name}, status_code=201)


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
async def register(data: User) -> JSONResponse:
    return JSONResponse({"registered": data.name}, status_code=201)


app = Ravyn(routes=[Gateway(handler=create_user), Gateway(handler=register)])
