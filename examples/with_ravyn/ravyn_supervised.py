import asyncio

from postlude import PostludeMiddleware, current_tasks
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, HTTPException, JSONResponse, Ravyn, delete, post


async def print_invoice(number: int) -> None:
    print(f"printing invoice {number}")
    await asyncio.sleep(0.2)
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


@post("/orders/{number}")
async def place_order(number: int) -> JSONResponse:
    task = BackgroundTask(print_invoice, number)
    await task()  # does not wait in a request any more
    return JSONResponse({"number": number}, status_code=202, background=task)


@delete("/orders/{number}")
async def cancel_order(number: int) -> None:
    current_tasks().add_task(write_audit, f"refused to cancel {number}")
    raise HTTPException(status_code=409, detail="it is shipped already")


api = Ravyn(routes=[Gateway(handler=place_order), Gateway(handler=cancel_order)])
app = PostludeMiddleware(api)
