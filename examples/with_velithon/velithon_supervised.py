import asyncio
from typing import Annotated

from postlude import current_tasks
from postlude.frameworks.velithon import BackgroundTask, PostludeMiddleware
from velithon import Velithon
from velithon.params import Path
from velithon.responses import JSONResponse

api = Velithon()


async def print_invoice(number: int) -> None:
    print(f"printing invoice {number}")
    await asyncio.sleep(0.2)
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


@api.post("/orders/{number}")
async def place_order(number: Annotated[int, Path()]) -> JSONResponse:
    task = BackgroundTask(print_invoice, number)
    await task()  # does not wait in a request any more
    return JSONResponse({"number": number}, status_code=202, background=task)


@api.post("/orders/{number}/cancel")
async def cancel_order(number: Annotated[int, Path()]) -> JSONResponse:
    current_tasks().add_task(write_audit, f"refused to cancel {number}")
    return JSONResponse({"error": "it is shipped already"}, status_code=409)


app = PostludeMiddleware(api)
