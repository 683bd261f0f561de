import asyncio
from typing import Any

from postlude import current_tasks
from postlude.frameworks.quart import PostludeExtension
from quart import Quart

app = Quart(__name__)
PostludeExtension(app)
typed_loosely: Any = app  # Quart's type of add_background_task is not complete


async def print_invoice() -> None:
    print("the task prints the invoice")


@app.post("/quart")
async def quarts() -> dict[str, str]:
    typed_loosely.add_background_task(print_invoice)
    await asyncio.sleep(0.05)  # any other await will do
    print("the handler answers")
    return {}


@app.post("/postlude")
async def postludes() -> dict[str, str]:
    current_tasks().add_task(print_invoice)
    await asyncio.sleep(0.05)
    print("the handler answers")
    return {}


async def main() -> None:
    for path in ("/quart", "/postlude"):
        print("-- POST", path)
        async with app.test_app() as served:
            await served.test_client().post(path)


asyncio.run(main())
