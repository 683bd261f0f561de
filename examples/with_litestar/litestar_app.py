import asyncio

from litestar import Litestar, Response, get, post
from postlude.frameworks.litestar import BackgroundTask, BackgroundTasks, after_response


async def print_invoice(number: int) -> None:
    print(f"printing invoice {number}")
    await asyncio.sleep(0.2)
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


@post("/orders/{number:int}")
async def place_order(number: int) -> Response[dict[str, int]]:
    tasks = BackgroundTasks()
    tasks.add_task(print_invoice, number)
    tasks.add_task(write_audit, f"order {number}")
    return Response({"number": number}, status_code=202, background=tasks)


@get("/orders")
@after_response(BackgroundTask(write_audit, "somebody looked"))
async def list_orders() -> dict[str, list[int]]:
    return {"orders": []}


app = Litestar([place_order, list_orders])
