import asyncio

from litestar import Litestar, Response, post
from litestar.exceptions import HTTPException
from postlude import PostludeMiddleware, current_tasks
from postlude.frameworks.litestar import BackgroundTask


async def print_invoice(number: int) -> None:
    await asyncio.sleep(1)
    print(f"printed invoice {number}")


async def write_audit(line: str) -> None:
    print(f"audit: {line}")


def refuse(number: int) -> None:  # knows nothing of requests or responses
    current_tasks().add_task(write_audit, f"refused to cancel {number}")


@post("/orders")
async def place_order(number: int) -> Response[dict[str, int]]:
    task = BackgroundTask(print_invoice, number)
    return Response({"number": number}, status_code=202, background=task)


@post("/orders/awaited")
async def place_and_await(number: int) -> Response[dict[str, int]]:
    await BackgroundTask(print_invoice, number)()
    print(f"answers order {number}")
    return Response({"number": number}, status_code=202)


@post("/orders/cancel")
async def cancel_order(number: int) -> None:
    refuse(number)
    raise HTTPException("it is shipped already", status_code=409)


api = Litestar([place_order, place_and_await, cancel_order])
app = PostludeMiddleware(api)
