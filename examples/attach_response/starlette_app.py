from postlude.frameworks.starlette import BackgroundTask, BackgroundTasks
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def notify(user_id: int, message: str) -> None:
    print(f"to user {user_id}: {message}")


async def send_email(to: str) -> None:
    print(f"email to {to}: your order is on its way")


def update_database(user_id: int) -> None:
    print(f"database: user {user_id} has a new order")


def log_action(action: str) -> None:
    print(f"audit: {action}")


async def queue_notice(request: Request) -> JSONResponse:
    notice = await request.json()
    task = BackgroundTask(notify, notice["user_id"], notice["message"])
    return JSONResponse(
        {"status": "notification queued"}, status_code=202, background=task
    )


async def process_order(request: Request) -> JSONResponse:
    order = await request.json()
    tasks = BackgroundTasks(
        tasks=[
            BackgroundTask(send_email, order["email"]),
            BackgroundTask(update_database, order["user_id"]),
            BackgroundTask(log_action, "order_processed"),
        ]
    )
    return JSONResponse({"status": "processing"}, status_code=201, background=tasks)


app = Starlette(
    routes=[
        Route("/notify", queue_notice, methods=["POST"]),
        Route("/process", process_order, methods=["POST"]),
    ]
)
