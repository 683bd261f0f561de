import asyncio

from litestar import Litestar, Response, delete, post
from litestar.exceptions import HTTPException
from postlude import BackgroundTasks
from postlude.frameworks.litestar import BackgroundTask, PostludePlugin


async def print_invoice(number: int) -> None:
    print(f"printing invoice {number}")
    await asyncio.sleep(0.2)
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


@post("/orders/{number:int}")
async def place_order(number: int) -> Response[dict[str, int]]:
    task = BackgroundTask(print_invoice, number)
    await task()  # does not wait in a request any more
    return Response({"number": number}, status_code=202, background=task)


@delete("/orders/{number:int}")
async def cancel_order(number: int, tasks: BackgroundTasks) -> None:
    tasks.add_task(write_audit, f"refused to cancel {number}")
    raise HTTPException("it is shipped already", status_code=409)


app = Litestar([place_order, cancel_order], plugins=[PostludePlugin()])
