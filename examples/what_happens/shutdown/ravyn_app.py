"""Ravyn: work that is not done when the server has to stop."""

# Not all of its methods have types.
# pyright: reportUnknownMemberType=false

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncGenerator
from weakref import WeakSet

from examples.what_happens.told import tell
from ravyn import JSONResponse, Ravyn, get
from ravyn.background import BackgroundTask

# --8<-- [start:app]
running = set[asyncio.Task[None]]()


@contextlib.asynccontextmanager
async def lifespan(app: Ravyn) -> AsyncGenerator[None]:
    yield
    if running:
        await asyncio.wait(running, timeout=10)
    tell("app shuts down")


app = Ravyn(lifespan=lifespan)


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
@get("/attached")
async def attached() -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(work))


app.add_route("/", attached)


# --8<-- [end:attached]
# --8<-- [start:report]
def write_report() -> None:
    tell("task starts")
    time.sleep(4)
    tell("task ends")


# --8<-- [end:report]
# --8<-- [start:thread]
@get("/thread")
async def thread() -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(write_report))


app.add_route("/", thread)


# --8<-- [end:thread]
# --8<-- [start:detached]
@get("/detached")
async def detached() -> JSONResponse:
    task = asyncio.create_task(work())
    running.add(task)
    task.add_done_callback(running.discard)
    return JSONResponse({"ok": True})


app.add_route("/", detached)


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
@get("/left")
async def left() -> JSONResponse:
    asyncio.create_task(wait_for_payment())  # noqa: RUF006
    return JSONResponse({"ok": True})


app.add_route("/", left)


# --8<-- [end:left]
# --8<-- [start:paid]
@get("/paid")
async def pay() -> JSONResponse:
    gc.collect()
    for paid in [*waiting]:
        paid.set()
    return JSONResponse({"ok": True})


app.add_route("/", pay)


# --8<-- [end:paid]
