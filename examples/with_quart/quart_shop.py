import asyncio

from postlude import TaskRunner, current_tasks
from postlude.frameworks.quart import PostludeExtension
from quart import Quart

app = Quart(__name__)
PostludeExtension(app, TaskRunner(drain_timeout=1.5))


async def print_invoice(number: int) -> None:
    await asyncio.sleep(0.5)
    print(f"printed invoice {number}")


@app.post("/invoices")
async def invoice() -> tuple[dict[str, str], int]:
    current_tasks().add_task(print_invoice, 1)
    return {}, 202
