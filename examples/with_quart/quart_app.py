import asyncio

from postlude import BackgroundTask, current_tasks
from postlude.frameworks.quart import PostludeExtension, after_response
from quart import Quart

app = Quart(__name__)
PostludeExtension(app)


async def print_invoice(number: int) -> None:
    print(f"printing invoice {number}")
    await asyncio.sleep(0.2)
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


@app.post("/orders/<int:number>")
async def place_order(number: int) -> tuple[dict[str, int], int]:
    tasks = current_tasks()
    tasks.add_task(print_invoice, number)
    tasks.add_task(write_audit, f"order {number}")
    return {"number": number}, 202


@app.get("/orders")
@after_response(BackgroundTask(write_audit, "somebody looked"))
async def list_orders() -> dict[str, list[int]]:
    return {"orders": []}
