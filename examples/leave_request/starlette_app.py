import asyncio

from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def print_invoice(number: int) -> None:
    await asyncio.sleep(1)
    print(f"printed invoice {number}")


async def place_order(request: Request) -> JSONResponse:
    number = int(request.query_params["number"])
    task = BackgroundTask(print_invoice, number)
    return JSONResponse({"number": number}, status_code=202, background=task)


app = Starlette(routes=[Route("/orders", place_order, methods=["POST"])])
