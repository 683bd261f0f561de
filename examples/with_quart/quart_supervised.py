import asyncio

from postlude import BackgroundTask, current_tasks
from postlude.frameworks.quart import PostludeExtension
from quart import Quart, abort

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
    await BackgroundTask(print_invoice, number)()  # does not wait in a request
    return {"number": number}, 202


@app.delete("/orders/<int:number>")
async def cancel_order(number: int) -> str:
    current_tasks().add_task(write_audit, f"refused to cancel {number}")
    abort(409, "it is shipped already")
