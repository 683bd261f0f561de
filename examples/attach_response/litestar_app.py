from dataclasses import dataclass

from litestar import Litestar, Response, post
from postlude.frameworks.litestar import BackgroundTask, BackgroundTasks


@dataclass
class Notice:
    user_id: int
    message: str


@dataclass
class Order:
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


@post("/notify")
async def queue_notice(data: Notice) -> Response[dict[str, str]]:
    task = BackgroundTask(notify, data.user_id, data.message)
    return Response({"status": "notification queued"}, status_code=202, background=task)


@post("/process")
async def process_order(data: Order) -> Response[dict[str, str]]:
    tasks = BackgroundTasks(
        tasks=[
            BackgroundTask(send_email, data.email),
            BackgroundTask(update_database, data.user_id),
            BackgroundTask(log_action, "order_processed"),
        ]
    )
    return Response({"status": "processing"}, status_code=201, background=tasks)


app = Litestar([queue_notice, process_order])
