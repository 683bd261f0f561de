"""Velithon: tasks in threads, and on the loop."""

# Its type stubs describe other arguments than its classes take.
# mypy: disable-error-code="arg-type, call-arg"
# pyright: reportArgumentType=false, reportCallIssue=false

import asyncio
import time

from examples.what_happens.told import tell
from velithon import Velithon
from velithon.background import BackgroundTask
from velithon.responses import JSONResponse

app = Velithon()


# --8<-- [start:pings]
@app.get("/ping")
async def ping() -> JSONResponse:
    return JSONResponse({"ok": True})


@app.get("/ping-in-thread")
def ping_in_thread() -> JSONResponse:
    return JSONResponse({"ok": True})


# --8<-- [end:pings]
# --8<-- [start:report]
def write_report() -> None:
    tell("task starts")
    time.sleep(4)
    tell("task ends")


# --8<-- [end:report]
# --8<-- [start:def_task]
@app.get("/def-task")
async def def_task() -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(write_report))


# --8<-- [end:def_task]
# --8<-- [start:blocking_task]
async def write_at_once() -> None:
    write_report()


@app.get("/blocking-task")
async def blocking_task() -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(write_at_once))


# --8<-- [end:blocking_task]
# --8<-- [start:slow_handler]
@app.get("/slow-handler")
def slow_handler() -> JSONResponse:
    tell("handler starts")
    time.sleep(4)
    tell("handler ends")
    return JSONResponse({"ok": True})


# --8<-- [end:slow_handler]
# --8<-- [start:callable_object]
class Newsletter:
    async def __call__(self) -> None:
        await asyncio.sleep(0.1)
        tell("task ends")


@app.get("/callable-object")
async def callable_object() -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(Newsletter()))


# --8<-- [end:callable_object]
