import asyncio

from postlude import current_tasks
from postlude.frameworks.quart import PostludeExtension
from quart import Quart

app = Quart(__name__)
PostludeExtension(app)


async def print_invoice() -> None:
    print("the task prints the invoice")


@app.post("/quart")
async def quarts() -> dict[str, str]:
    app.add_background_task(print_invoice)
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
