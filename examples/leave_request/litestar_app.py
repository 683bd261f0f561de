import asyncio

from litestar import Litestar, Response, post
from postlude.frameworks.litestar import BackgroundTask


async def print_invoice(number: int) -> None:
    await asyncio.sleep(1)
    print(f"printed invoice {number}")


@post("/orders")
async def place_order(number: int) -> Response[dict[str, int]]:
    task = BackgroundTask(print_invoice, number)
    return Response({"number": number}, status_code=202, background=task)


app = Litestar([place_order])
