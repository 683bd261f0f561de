import asyncio

from lilya.apps import Lilya
from lilya.exceptions import HTTPException
from lilya.responses import JSONResponse
from lilya.routing import Path
from postlude import PostludeMiddleware, current_tasks
from postlude.frameworks.lilya import BackgroundTask


async def print_invoice(number: int) -> None:
    print(f"printing invoice {number}")
    await asyncio.sleep(0.2)
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


async def place_order(number: int) -> JSONResponse:
    task = BackgroundTask(print_invoice, number)
    await task()  # does not wait in a request any more
    return JSONResponse({"number": number}, status_code=202, background=task)


async def cancel_order(number: int) -> JSONResponse:
    current_tasks().add_task(write_audit, f"refused to cancel {number}")
    raise HTTPException(status_code=409, detail="it is shipped already")


api = Lilya(
    routes=[
        Path("/orders/{number:int}", place_order, methods=["POST"]),
        Path("/orders/{number:int}", cancel_order, methods=["DELETE"]),
    ]
)
app = PostludeMiddleware(api)
