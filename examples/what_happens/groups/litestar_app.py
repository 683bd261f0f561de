"""Litestar: several tasks of one response."""

import asyncio

from examples.what_happens.told import tell
from litestar import Litestar, Response, get
from litestar.background_tasks import BackgroundTask, BackgroundTasks

app = Litestar()


# --8<-- [start:steps]
async def step(name: str) -> None:
    tell(f"{name} starts")
    await asyncio.sleep(0.1)
    tell(f"{name} ends")


async def fail() -> None:
    tell("the first fails")
    raise RuntimeError("boom")


# --8<-- [end:steps]
# --8<-- [start:first_fails]
@get("/first-fails")
async def first_fails() -> Response[dict[str, bool]]:
    tasks = [BackgroundTask(fail), BackgroundTask(step, "the second")]
    return Response({"ok": True}, background=BackgroundTasks(tasks))


app.register(first_fails)
# --8<-- [end:first_fails]
