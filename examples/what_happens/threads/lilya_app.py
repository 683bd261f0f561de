"""Lilya: tasks in threads, and on the loop."""

import asyncio
import time

from examples.what_happens.told import tell
from lilya.apps import Lilya
from lilya.background import Task
from lilya.requests import Request
from lilya.responses import JSONResponse

app = Lilya()


# --8<-- [start:pings]
async def ping(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True})


app.add_route("/ping", ping)


def ping_in_thread(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True})


app.add_route("/ping-in-thread", ping_in_thread)


# --8<-- [end:pings]
# --8<-- [start:report]
def write_report() -> None:
    tell("task starts")
    time.sleep(4)
    tell("task ends")


# --8<-- [end:report]
# --8<-- [start:def_task]
async def def_task(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=Task(write_report))


app.add_route("/def-task", def_task)


# --8<-- [end:def_task]
# --8<-- [start:blocking_task]
async def write_at_once() -> None:
    write_report()


async def blocking_task(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=Task(write_at_once))


app.add_route("/blocking-task", blocking_task)


# --8<-- [end:blocking_task]
# --8<-- [start:slow_handler]
def slow_handler(request: Request) -> JSONResponse:
    tell("handler starts")
    time.sleep(4)
    tell("handler ends")
    return JSONResponse({"ok": True})


app.add_route("/slow-handler", slow_handler)


# --8<-- [end:slow_handler]
# --8<-- [start:callable_object]
class Newsletter:
    async def __call__(self) -> None:
        await asyncio.sleep(0.1)
        tell("task ends")


async def callable_object(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=Task(Newsletter()))


app.add_route("/callable-object", callable_object)


# --8<-- [end:callable_object]
