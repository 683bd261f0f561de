"""Postlude on Starlette, without its middleware: what a task sees of its request."""

import asyncio
from contextvars import ContextVar

from examples.what_happens.told import tell
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse

app = Starlette()


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
async def async_handler(request: Request) -> JSONResponse:
    user.set("ada")
    return JSONResponse({"ok": True}, background=BackgroundTask(greet, "async def"))


app.add_route("/async-handler", async_handler)


# --8<-- [end:async_handler]
# --8<-- [start:def_handler]
def def_handler(request: Request) -> JSONResponse:
    user.set("ada")
    return JSONResponse({"ok": True}, background=BackgroundTask(greet, "def"))


app.add_route("/def-handler", def_handler)


# --8<-- [end:def_handler]
# --8<-- [start:def_task]
async def def_task(request: Request) -> JSONResponse:
    user.set("ada")
    task = BackgroundTask(greet_in_thread, "def task")
    return JSONResponse({"ok": True}, background=task)


app.add_route("/def-task", def_task)


# --8<-- [end:def_task]
# --8<-- [start:facts]
async def read_facts(request: Request) -> None:
    await asyncio.sleep(1)
    tell(f"method {request.method}")
    tell(f"path {request.url.path}")
    tell(f"query {request.query_params['page']}")
    tell(f"header {request.headers['x-name']}")
    tell(f"client {request.client.host if request.client else None}")


async def facts(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(read_facts, request))


app.add_route("/facts", facts)


# --8<-- [end:facts]
# --8<-- [start:body]
async def read_body(request: Request) -> None:
    try:
        tell(f"the task reads {len(await request.body())} bytes")
    except Exception as error:
        tell(f"the task gets {type(error).__name__}")
    tell("task ends")


async def unread(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(read_body, request))


async def read_before(request: Request) -> JSONResponse:
    await request.body()
    return JSONResponse({"ok": True}, background=BackgroundTask(read_body, request))


app.add_route("/unread", unread, methods=["POST"])
app.add_route("/read-before", read_before, methods=["POST"])


# --8<-- [end:body]
