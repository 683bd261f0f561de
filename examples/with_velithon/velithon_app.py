import asyncio
from typing import Annotated

from postlude.frameworks.velithon import BackgroundTask, BackgroundTasks, after_response
from velithon import Velithon
from velithon.params import Path
from velithon.responses import JSONResponse

app = Velithon()


async def print_invoice(number: int) -> None:
    print(f"printing invoice {number}")
    await asyncio.sleep(0.2)
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


@app.post("/orders/{number}")
async def place_order(number: Annotated[int, Path()]) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(print_invoice, number)
    tasks.add_task(write_audit, f"order {number}")
    return JSONResponse({"number": number}, status_code=202, background=tasks)


@app.get("/orders")
@after_response(BackgroundTask(write_audit, "somebody looked"))
async def list_orders() -> dict[str, list[int]]:
    return {"orders": []}
