from typing import Annotated

from postlude.frameworks.velithon import BackgroundTask, BackgroundTasks
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body
from velithon.responses import JSONResponse

app = Velithon()


class Notice(BaseModel):
    user_id: int
    message: str


class Order(BaseModel):
    user_id: int
    email: str


def notify(user_id: int, message: str) -> None:
    print(f"to user {user_id}: {message}")


async def send_email(to: str) -> None:
    print(f"email to {to}: your order is on its way")


def update_database(user_id: int) -> None:
    print(f"database: user {user_id} has a new order")


def log_action(action: str) -> None:
    print(f"audit: {action}")


@app.post("/notify")
async def queue_notice(notice: Annotated[Notice, Body()]) -> JSONResponse:
    task = BackgroundTask(notify, notice.user_id, notice.message)
    return JSONResponse(
        {"status": "notification queued"}, status_code=202, background=task
    )


@app.post("/process")
async def process_order(order: Annotated[Order, Body()]) -> JSONResponse:
    tasks = BackgroundTasks(
        tasks=[
            BackgroundTask(send_email, order.email),
            BackgroundTask(update_database, order.user_id),
            BackgroundTask(log_action, "order_processed"),
        ]
    )
    return JSONResponse({"status": "processing"}, status_code=201, background=tasks)
