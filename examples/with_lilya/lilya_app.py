import asyncio

from lilya.apps import Lilya
from lilya.responses import JSONResponse
from lilya.routing import Path
from postlude.frameworks.lilya import BackgroundTask, BackgroundTasks, after_response


async def print_invoice(number: int) -> None:
    print(f"printing invoice {number}")
    await asyncio.sleep(0.2)
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


async def place_order(number: int) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(print_invoice, number)
    tasks.add_task(write_audit, f"order {number}")
    return JSONResponse({"number": number}, status_code=202, background=tasks)


@after_response(BackgroundTask(write_audit, "somebody looked"))
async def list_orders() -> dict[str, list[int]]:
    return {"orders": []}


app = Lilya(
    routes=[
        Path("/orders", list_orders, methods=["GET"]),
        Path("/orders/{number:int}", place_order, methods=["POST"]),
    ]
)
