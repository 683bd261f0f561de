"""Starlette: work that is not done when the server has to stop."""

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncGenerator
from weakref import WeakSet

from examples.what_happens.told import tell
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse

# --8<-- [start:app]
running = set[asyncio.Task[None]]()


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncGenerator[None]:
    yield
    if running:
        await asyncio.wait(running, timeout=10)
    tell("app shuts down")


app = Starlette(lifespan=lifespan)


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
async def attached(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(work))


app.add_route("/attached", attached)


# --8<-- [end:attached]
# --8<-- [start:report]
def write_report() -> None:
    tell("task starts")
    time.sleep(4)
    tell("task ends")


# --8<-- [end:report]
# --8<-- [start:thread]
async def thread(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(write_report))


app.add_route("/thread", thread)


# --8<-- [end:thread]
# --8<-- [start:detached]
async def detached(request: Request) -> JSONResponse:
    task = asyncio.create_task(work())
    running.add(task)
    task.add_done_callback(running.discard)
    return JSONResponse({"ok": True})


app.add_route("/detached", detached)


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
async def left(request: Request) -> JSONResponse:
    asyncio.create_task(wait_for_payment())  # noqa: RUF006
    return JSONResponse({"ok": True})


app.add_route("/left", left)


# --8<-- [end:left]
# --8<-- [start:paid]
async def pay(request: Request) -> JSONResponse:
    gc.collect()
    for paid in [*waiting]:
        paid.set()
    return JSONResponse({"ok": True})


app.add_route("/paid", pay)


# --8<-- [end:paid]
