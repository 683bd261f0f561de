"""Litestar: what a task sees of its request."""

import asyncio
from contextvars import ContextVar
from typing import Any

from examples.what_happens.told import tell
from litestar import Litestar, Request, Response, get, post
from litestar.background_tasks import BackgroundTask

app = Litestar()


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
@get("/async-handler")
async def async_handler() -> Response[dict[str, bool]]:
    user.set("ada")
    return Response({"ok": True}, background=BackgroundTask(greet, "async def"))


app.register(async_handler)


# --8<-- [end:async_handler]
# --8<-- [start:def_handler]
@get("/def-handler", sync_to_thread=True)
def def_handler() -> Response[dict[str, bool]]:
    user.set("ada")
    return Response({"ok": True}, background=BackgroundTask(greet, "def"))


app.register(def_handler)


# --8<-- [end:def_handler]
# --8<-- [start:def_task]
@get("/def-task")
async def def_task() -> Response[dict[str, bool]]:
    user.set("ada")
    task = BackgroundTask(greet_in_thread, "def task")
    return Response({"ok": True}, background=task)


app.register(def_task)


# --8<-- [end:def_task]
# --8<-- [start:facts]
async def read_facts(request: Request[Any, Any, Any]) -> None:
    await asyncio.sleep(1)
    tell(f"method {request.method}")
    tell(f"path {request.url.path}")
    tell(f"query {request.query_params['page']}")
    tell(f"header {request.headers['x-name']}")
    tell(f"client {request.client.host if request.client else None}")


@get("/facts")
async def facts(request: Request[Any, Any, Any]) -> Response[dict[str, bool]]:
    return Response({"ok": True}, background=BackgroundTask(read_facts, request))


app.register(facts)


# --8<-- [end:facts]
# --8<-- [start:body]
async def read_body(request: Request[Any, Any, Any]) -> None:
    try:
        tell(f"the task reads {len(await request.body())} bytes")
    except Exception as error:
        tell(f"the task gets {type(error).__name__}")
    tell("task ends")


@post("/unread")
async def unread(request: Request[Any, Any, Any]) -> Response[dict[str, bool]]:
    return Response({"ok": True}, background=BackgroundTask(read_body, request))


@post("/read-before")
async def read_before(request: Request[Any, Any, Any]) -> Response[dict[str, bool]]:
    await request.body()
    return Response({"ok": True}, background=BackgroundTask(read_body, request))


app.register(unread)
app.register(read_before)


# --8<-- [end:body]
