import asyncio
from typing import Annotated

from limit import Limit
from postlude import current_tasks
from postlude.frameworks.velithon import BackgroundTask, PostludeMiddleware
from velithon import Velithon
from velithon.middleware import Middleware
from velithon.params import Query
from velithon.responses import JSONResponse

api = Velithon(middleware=[Middleware(Limit)])
Number = Annotated[int, Query()]


async def print_invoice(number: int) -> None:
    await asyncio.sleep(1)
    print(f"printed invoice {number}")


async def write_audit(line: str) -> None:
    print(f"audit: {line}")


def refuse(number: int) -> None:  # knows nothing of requests or responses
    current_tasks().add_task(write_audit, f"refused to cancel {number}")


@api.post("/orders")
async def place_order(number: Number) -> JSONResponse:
    task = BackgroundTask(print_invoice, number)
    return JSONResponse({"number": number}, status_code=202, background=task)


@api.post("/orders/awaited")
async def place_and_await(number: Number) -> JSONResponse:
    await BackgroundTask(print_invoice, number)()
    print(f"answers order {number}")
    return JSONResponse({"number": number}, status_code=202)


@api.post("/orders/cancel")
async def cancel_order(number: Number) -> JSONResponse:
    refuse(number)
    return JSONResponse({"detail": "it is shipped already"}, status_code=409)


app = PostludeMiddleware(api)
