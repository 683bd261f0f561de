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


async def print_invoice(number: int) -> None:
    print(f"printing invoice {number}")
    await asyncio.sleep(0.2)
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


async def place_order(request: Request) -> JSONResponse:
    number = request.path_params["number"]
    tasks = BackgroundTasks()
    tasks.add_task(print_invoice, number)
    tasks.add_task(write_audit, f"order {number}")
    return JSONResponse({"number": number}, status_code=202, background=tasks)


@after_response(BackgroundTask(write_audit, "somebody looked"))
async def list_orders(_: Request) -> JSONResponse:
    return JSONResponse({"orders": []})


app = Starlette(
    routes=[
        Route("/orders", list_orders),
        Route("/orders/{number:int}", place_order, methods=["POST"]),
    ]
)
