"""Velithon: several tasks of one response."""

# Its type stubs describe other arguments than its classes take.
# mypy: disable-error-code="arg-type, call-arg"
# pyright: reportArgumentType=false, reportCallIssue=false

import asyncio

from examples.what_happens.told import tell
from velithon import Velithon
from velithon.background import BackgroundTasks
from velithon.responses import JSONResponse

app = Velithon()


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
@app.get("/first-fails")
async def first_fails() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(fail)
    tasks.add_task(step, ("the second",))
    return JSONResponse({"ok": True}, background=tasks)


# --8<-- [end:first_fails]
