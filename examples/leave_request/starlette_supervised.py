import asyncio

from postlude import PostludeMiddleware, current_tasks
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def print_invoice(number: int) -> None:
    await asyncio.sleep(1)
    print(f"printed invoice {number}")


async def write_audit(line: str) -> None:
    print(f"audit: {line}")


def refuse(number: int) -> None:  # knows nothing of requests or responses
    current_tasks().add_task(write_audit, f"refused to cancel {number}")


async def place_order(request: Request) -> JSONResponse:
    number = int(request.query_params["number"])
    task = BackgroundTask(print_invoice, number)
    return JSONResponse({"number": number}, status_code=202, background=task)


async def place_and_await(request: Request) -> JSONResponse:
    number = int(request.query_params["number"])
    await BackgroundTask(print_invoice, number)()
    print(f"answers order {number}")
    return JSONResponse({"number": number}, status_code=202)


async def cancel_order(request: Request) -> JSONResponse:
    refuse(int(request.query_params["number"]))
    raise HTTPException(409, "it is shipped already")


api = Starlette(
    routes=[
        Route("/orders", place_order, methods=["POST"]),
        Route("/orders/awaited", place_and_await, methods=["POST"]),
        Route("/orders/cancel", cancel_order, methods=["POST"]),
    ]
)
app = PostludeMiddleware(api)
