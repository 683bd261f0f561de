"""Lilya: several tasks of one response."""

import asyncio

from examples.what_happens.told import tell
from lilya.apps import Lilya
from lilya.background import Tasks
from lilya.requests import Request
from lilya.responses import JSONResponse

app = Lilya()


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
async def first_fails(request: Request) -> JSONResponse:
    tasks = Tasks()
    tasks.add_task(fail)
    tasks.add_task(step, "the second")
    return JSONResponse({"ok": True}, background=tasks)


app.add_route("/first-fails", first_fails)
# --8<-- [end:first_fails]
