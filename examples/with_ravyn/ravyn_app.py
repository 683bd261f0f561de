import asyncio

from postlude.frameworks.ravyn import BackgroundTask, BackgroundTasks, after_response
from ravyn import Gateway, JSONResponse, Ravyn, get, post


async def print_invoice(number: int) -> None:
    print(f"printing invoice {number}")
    await asyncio.sleep(0.2)
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


@post("/orders/{number}")
async def place_order(number: int) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(print_invoice, number)
    tasks.add_task(write_audit, f"order {number}")
    return JSONResponse({"number": number}, status_code=202, background=tasks)


@get("/orders")
@after_response(BackgroundTask(write_audit, "somebody looked"))
async def list_orders() -> JSONResponse:
    return JSONResponse({"orders": []})


app = Ravyn(routes=[Gateway(handler=place_order), Gateway(handler=list_orders)])
