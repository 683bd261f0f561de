"""FastAPI: tasks in threads, and on the loop."""

import asyncio
import time

from examples.what_happens.told import tell
from fastapi import BackgroundTasks, FastAPI

app = FastAPI()


# --8<-- [start:pings]
@app.get("/ping")
async def ping() -> dict[str, bool]:
    return {"ok": True}


@app.get("/ping-in-thread")
def ping_in_thread() -> dict[str, bool]:
    return {"ok": True}


# --8<-- [end:pings]
# --8<-- [start:report]
def write_report() -> None:
    tell("task starts")
    time.sleep(4)
    tell("task ends")


# --8<-- [end:report]
# --8<-- [start:def_task]
@app.get("/def-task")
async def def_task(tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(write_report)
    return {"ok": True}


# --8<-- [end:def_task]
# --8<-- [start:blocking_task]
async def write_at_once() -> None:
    write_report()


@app.get("/blocking-task")
async def blocking_task(tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(write_at_once)
    return {"ok": True}


# --8<-- [end:blocking_task]
# --8<-- [start:slow_handler]
@app.get("/slow-handler")
def slow_handler() -> dict[str, bool]:
    tell("handler starts")
    time.sleep(4)
    tell("handler ends")
    return {"ok": True}


# --8<-- [end:slow_handler]
# --8<-- [start:callable_object]
class Newsletter:
    async def __call__(self) -> None:
        await asyncio.sleep(0.1)
        tell("task ends")


@app.get("/callable-object")
async def callable_object(tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(Newsletter())
    return {"ok": True}


# --8<-- [end:callable_object]
