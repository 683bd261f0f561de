"""Ravyn: several tasks of one response."""

# Not all of its methods have types.
# pyright: reportUnknownMemberType=false

import asyncio

from examples.what_happens.told import tell
from ravyn import JSONResponse, Ravyn, get
from ravyn.background import BackgroundTask, BackgroundTasks

app = Ravyn()


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
async def first_fails() -> JSONResponse:
    tasks = [BackgroundTask(fail), BackgroundTask(step, "the second")]
    return JSONResponse({"ok": True}, background=BackgroundTasks(tasks))


app.add_route("/", first_fails)
# --8<-- [end:first_fails]
