"""Velithon: work that is not done when the server has to stop."""

# Its type stubs describe other arguments than its classes take.
# mypy: disable-error-code="call-arg"
# pyright: reportCallIssue=false

import asyncio
import gc
import time
from weakref import WeakSet

from examples.what_happens.told import tell
from velithon import Velithon
from velithon.background import BackgroundTask
from velithon.responses import JSONResponse

# --8<-- [start:app]
app = Velithon()
running = set[asyncio.Task[None]]()


@app.on_shutdown()  # type: ignore[func-returns-value, misc]  # annotated as None
async def shut_down() -> None:
    if running:
        await asyncio.wait(running, timeout=10)
    tell("app shuts down")


# --8<-- [end:app]
# --8<-- [start:work]
async def work() -> None:
    tell("task starts")
    try:
        await asyncio.sleep(4)
    except asyncio.CancelledError:
        tell("task is cancelled")
        raise
    tell("task ends")


# --8<-- [end:work]
# --8<-- [start:attached]
@app.get("/attached")
async def attached() -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(work))


# --8<-- [end:attached]
# --8<-- [start:report]
def write_report() -> None:
    tell("task starts")
    time.sleep(4)
    tell("task ends")


# --8<-- [end:report]
# --8<-- [start:thread]
@app.get("/thread")
async def thread() -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(write_report))


# --8<-- [end:thread]
# --8<-- [start:detached]
@app.get("/detached")
async def detached() -> JSONResponse:
    task = asyncio.create_task(work())
    running.add(task)
    task.add_done_callback(running.discard)
    return JSONResponse({"ok": True})


# --8<-- [end:detached]
# --8<-- [start:wait]
waiting = WeakSet[asyncio.Event]()


async def wait_for_payment() -> None:
    paid = asyncio.Event()
    waiting.add(paid)
    tell("task starts")
    await paid.wait()
    tell("task ends")


# --8<-- [end:wait]
# --8<-- [start:left]
@app.get("/left")
async def left() -> JSONResponse:
    asyncio.create_task(wait_for_payment())  # noqa: RUF006
    return JSONResponse({"ok": True})


# --8<-- [end:left]
# --8<-- [start:paid]
@app.get("/paid")
async def pay() -> JSONResponse:
    gc.collect()
    for paid in [*waiting]:
        paid.set()
    return JSONResponse({"ok": True})


# --8<-- [end:paid]
