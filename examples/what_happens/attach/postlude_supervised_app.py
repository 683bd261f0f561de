"""Postlude on Starlette, with its middleware: what is attached to a response."""

import asyncio
from collections.abc import AsyncIterator

from examples.what_happens.told import tell
from postlude import PostludeMiddleware, current_tasks
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse

api = Starlette()
app = PostludeMiddleware(api)


# --8<-- [start:work]
async def work(seconds: float) -> None:
    tell("task starts")
    await asyncio.sleep(seconds)
    tell("task ends")


# --8<-- [end:work]
# --8<-- [start:slow_task]
async def slow_task(request: Request) -> JSONResponse:
    await asyncio.sleep(0.05)
    return JSONResponse({"ok": True}, background=BackgroundTask(work, 2))


api.add_route("/slow-task", slow_task)


# --8<-- [end:slow_task]
# --8<-- [start:refused]
async def refused(request: Request) -> JSONResponse:
    tell("handler runs")
    current_tasks().add_task(work, 0)
    if "authorization" not in request.headers:
        raise HTTPException(401)
    return JSONResponse({"ok": True})


api.add_route("/refused", refused)


# --8<-- [end:refused]
# --8<-- [start:stream]
async def numbers() -> AsyncIterator[bytes]:
    for number in range(100):
        yield f"{number}\n".encode()
        await asyncio.sleep(0.02)


async def stream(request: Request) -> StreamingResponse:
    return StreamingResponse(numbers(), background=BackgroundTask(work, 0))


api.add_route("/stream", stream)


# --8<-- [end:stream]
# --8<-- [start:never_attached]
async def never_attached(request: Request) -> JSONResponse:
    BackgroundTask(work, 0)
    return JSONResponse({"ok": True})


api.add_route("/never-attached", never_attached)


# --8<-- [end:never_attached]
# --8<-- [start:awaited]
async def awaited(request: Request) -> JSONResponse:
    task = BackgroundTask(work, 2)
    await task()
    return JSONResponse({"ok": True})


api.add_route("/awaited", awaited)


# --8<-- [end:awaited]
# --8<-- [start:crashes]
async def crashes(request: Request) -> JSONResponse:
    tell("handler runs")
    current_tasks().add_task(work, 0)
    raise ValueError("no")


api.add_route("/crashes", crashes)


# --8<-- [end:crashes]
# --8<-- [start:slow_handler]
async def slow_handler(request: Request) -> JSONResponse:
    tell("handler runs")
    await asyncio.sleep(1)
    tell("handler ends")
    return JSONResponse({"ok": True}, background=BackgroundTask(work, 0))


api.add_route("/slow-handler", slow_handler)


# --8<-- [end:slow_handler]
# --8<-- [start:broken_stream]
async def broken() -> AsyncIterator[bytes]:
    yield b"0\n"
    tell("the stream fails")
    raise ValueError("no more")


async def broken_stream(request: Request) -> StreamingResponse:
    current_tasks().add_task(work, 0)
    return StreamingResponse(broken())


api.add_route("/broken-stream", broken_stream)


# --8<-- [end:broken_stream]
# --8<-- [start:not_json]
async def not_json(request: Request) -> JSONResponse:
    tell("handler runs")
    current_tasks().add_task(work, 0)
    return JSONResponse({"id": object()})


api.add_route("/not-json", not_json)


# --8<-- [end:not_json]
