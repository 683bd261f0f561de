import asyncio

from postlude import PostludeMiddleware, current_tasks
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
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
    task = BackgroundTask(print_invoice, number)
    await task()  # does not wait in a request any more
    return JSONResponse({"number": number}, status_code=202, background=task)


async def cancel_order(request: Request) -> JSONResponse:
    number = request.path_params["number"]
    current_tasks().add_task(write_audit, f"refused to cancel {number}")
    raise HTTPException(409, "it is shipped already")


api = Starlette(
    routes=[
        Route("/orders/{number:int}", place_order, methods=["POST"]),
        Route("/orders/{number:int}", cancel_order, methods=["DELETE"]),
    ]
)
app = PostludeMiddleware(api)
