import asyncio
from typing import Any

from postlude import TaskRunner, current_tasks
from postlude.frameworks.quart import PostludeExtension
from quart import Quart

app = Quart(__name__)
PostludeExtension(app, TaskRunner(drain_timeout=0.5))
typed_loosely: Any = app  # Quart's types are not complete
LIMIT = "BACKGROUND_TASK_SHUTDOWN_TIMEOUT"
print("by default:", typed_loosely.config[LIMIT], "seconds")
app.config[LIMIT] = 0.5


async def print_invoice() -> None:
    await asyncio.sleep(0.1)
    print("printed the invoice")


async def train_model() -> None:
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        print("the training is cancelled")
        raise


@app.post("/quart")
async def quarts() -> dict[str, str]:
    typed_loosely.add_background_task(print_invoice)
    typed_loosely.add_background_task(train_model)
    return {}


@app.post("/postlude")
async def postludes() -> dict[str, str]:
    current_tasks().add_task(print_invoice)
    current_tasks().add_task(train_model)
    return {}


async def main() -> None:
    for path in ("/quart", "/postlude"):
        print("-- POST", path)
        async with app.test_app() as served:  # starts the application and stops it
            await served.test_client().post(path)


asyncio.run(main())
