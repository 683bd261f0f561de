import asyncio

from postlude import PostludeMiddleware, current_tasks
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, HTTPException, JSONResponse, Ravyn, post


async def print_invoice(number: int) -> None:
    await asyncio.sleep(1)
    print(f"printed invoice {number}")


async def write_audit(line: str) -> None:
    print(f"audit: {line}")


def refuse(number: int) -> None:  # knows nothing of requests or responses
    current_tasks().add_task(write_audit, f"refused to cancel {number}")


@post("/orders")
async def place_order(number: int) -> JSONResponse:
    task = BackgroundTask(print_invoice, number)
    return JSONResponse({"number": number}, status_code=202, background=task)


@post("/orders/awaited")
async def place_and_await(number: int) -> JSONResponse:
    await BackgroundTask(print_invoice, number)()
    print(f"answers order {number}")
    return JSONResponse({"number": number}, status_code=202)


@post("/orders/cancel")
async def cancel_order(number: int) -> JSONResponse:
    refuse(number)
    raise HTTPException(status_code=409, detail="it is shipped already")


HANDLERS = [place_order, place_and_await, cancel_order]
api = Ravyn(routes=[Gateway(handler=each) for each in HANDLERS])
app = PostludeMiddleware(api)
