"""Litestar: tasks in threads, and on the loop."""

import asyncio
import time

from examples.what_happens.told import tell
from litestar import Litestar, Response, get
from litestar.background_tasks import BackgroundTask

app = Litestar()


# --8<-- [start:pings]
@get("/ping")
async def ping() -> dict[str, bool]:
    return {"ok": True}


app.register(ping)


@get("/ping-in-thread", sync_to_thread=True)
def ping_in_thread() -> dict[str, bool]:
    return {"ok": True}


app.register(ping_in_thread)


# --8<-- [end:pings]
# --8<-- [start:report]
def write_report() -> None:
    tell("task starts")
    time.sleep(4)
    tell("task ends")


# --8<-- [end:report]
# --8<-- [start:def_task]
@get("/def-task")
async def def_task() -> Response[dict[str, bool]]:
    return Response({"ok": True}, background=BackgroundTask(write_report))


app.register(def_task)


# --8<-- [end:def_task]
# --8<-- [start:blocking_task]
async def write_at_once() -> None:
    write_report()


@get("/blocking-task")
async def blocking_task() -> Response[dict[str, bool]]:
    return Response({"ok": True}, background=BackgroundTask(write_at_once))


app.register(blocking_task)


# --8<-- [end:blocking_task]
# --8<-- [start:slow_handler]
@get("/slow-handler", sync_to_thread=True)
def slow_handler() -> dict[str, bool]:
    tell("handler starts")
    time.sleep(4)
    tell("handler ends")
    return {"ok": True}


app.register(slow_handler)


# --8<-- [end:slow_handler]
# --8<-- [start:callable_object]
class Newsletter:
    async def __call__(self) -> None:
        await asyncio.sleep(0.1)
        tell("task ends")


@get("/callable-object")
async def callable_object() -> Response[dict[str, bool]]:
    return Response({"ok": True}, background=BackgroundTask(Newsletter()))


app.register(callable_object)


# --8<-- [end:callable_object]
