"""Litestar: work that is not done when the server has to stop."""

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncGenerator
from weakref import WeakSet

from examples.what_happens.told import tell
from litestar import Litestar, Response, get
from litestar.background_tasks import BackgroundTask

# --8<-- [start:app]
running = set[asyncio.Task[None]]()


@contextlib.asynccontextmanager
async def lifespan(app: Litestar) -> AsyncGenerator[None]:
    yield
    if running:
        await asyncio.wait(running, timeout=10)
    tell("app shuts down")


app = Litestar(lifespan=[lifespan])


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
async def attached() -> Response[dict[str, bool]]:
    return Response({"ok": True}, background=BackgroundTask(work))


app.register(attached)


# --8<-- [end:attached]
# --8<-- [start:report]
def write_report() -> None:
    tell("task starts")
    time.sleep(4)
    tell("task ends")


# --8<-- [end:report]
# --8<-- [start:thread]
@get("/thread")
async def thread() -> Response[dict[str, bool]]:
    return Response({"ok": True}, background=BackgroundTask(write_report))


app.register(thread)


# --8<-- [end:thread]
# --8<-- [start:detached]
@get("/detached")
async def detached() -> dict[str, bool]:
    task = asyncio.create_task(work())
    running.add(task)
    task.add_done_callback(running.discard)
    return {"ok": True}


app.register(detached)


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
async def left() -> dict[str, bool]:
    asyncio.create_task(wait_for_payment())  # noqa: RUF006
    return {"ok": True}


app.register(left)


# --8<-- [end:left]
# --8<-- [start:paid]
@get("/paid")
async def pay() -> dict[str, bool]:
    gc.collect()
    for paid in [*waiting]:
        paid.set()
    return {"ok": True}


app.register(pay)


# --8<-- [end:paid]
