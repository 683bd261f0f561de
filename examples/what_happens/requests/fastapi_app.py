"""FastAPI: what a task sees of its request."""

import asyncio
from contextvars import ContextVar

from examples.what_happens.told import tell
from fastapi import BackgroundTasks, FastAPI, Request

app = FastAPI()


# --8<-- [start:user]
user = ContextVar("user", default="nobody")


async def greet(kind: str) -> None:
    tell(f"{kind}: the task sees {user.get()}")
    tell("task ends")


def greet_in_thread(kind: str) -> None:
    tell(f"{kind}: the task sees {user.get()}")
    tell("task ends")


# --8<-- [end:user]
# --8<-- [start:async_handler]
@app.get("/async-handler")
async def async_handler(tasks: BackgroundTasks) -> dict[str, bool]:
    user.set("ada")
    tasks.add_task(greet, "async def")
    return {"ok": True}


# --8<-- [end:async_handler]
# --8<-- [start:def_handler]
@app.get("/def-handler")
def def_handler(tasks: BackgroundTasks) -> dict[str, bool]:
    user.set("ada")
    tasks.add_task(greet, "def")
    return {"ok": True}


# --8<-- [end:def_handler]
# --8<-- [start:def_task]
@app.get("/def-task")
async def def_task(tasks: BackgroundTasks) -> dict[str, bool]:
    user.set("ada")
    tasks.add_task(greet_in_thread, "def task")
    return {"ok": True}


# --8<-- [end:def_task]
# --8<-- [start:facts]
async def read_facts(request: Request) -> None:
    await asyncio.sleep(1)
    tell(f"method {request.method}")
    tell(f"path {request.url.path}")
    tell(f"query {request.query_params['page']}")
    tell(f"header {request.headers['x-name']}")
    tell(f"client {request.client.host if request.client else None}")


@app.get("/facts")
async def facts(request: Request, tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(read_facts, request)
    return {"ok": True}


# --8<-- [end:facts]
# --8<-- [start:body]
async def read_body(request: Request) -> None:
    try:
        tell(f"the task reads {len(await request.body())} bytes")
    except Exception as error:
        tell(f"the task gets {type(error).__name__}")
    tell("task ends")


@app.post("/unread")
async def unread(request: Request, tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(read_body, request)
    return {"ok": True}


@app.post("/read-before")
async def read_before(request: Request, tasks: BackgroundTasks) -> dict[str, bool]:
    await request.body()
    tasks.add_task(read_body, request)
    return {"ok": True}


# --8<-- [end:body]
