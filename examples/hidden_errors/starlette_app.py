import time

import starlette.background
from postlude.frameworks.starlette import BackgroundTasks
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

ORDER = {"id": "A-1"}  # the e-mail address is missing


def send_receipt(order: dict[str, str]) -> None:
    print("receipt to", order["email"])


def write_audit(line: str) -> None:
    print("audit:", line)
    time.sleep(0.1)  # the disk


async def with_starlette(request: Request) -> JSONResponse:
    tasks = starlette.background.BackgroundTasks()
    tasks.add_task(send_receipt, ORDER)
    tasks.add_task(write_audit, "order A-1")
    return JSONResponse(ORDER, status_code=201, background=tasks)


async def with_postlude(request: Request) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(send_receipt, ORDER)
    tasks.add_task(write_audit, "order A-1")
    return JSONResponse(ORDER, status_code=201, background=tasks)


app = Starlette(
    routes=[
        Route("/orders/framework", with_starlette, methods=["POST"]),
        Route("/orders/postlude", with_postlude, methods=["POST"]),
    ]
)
