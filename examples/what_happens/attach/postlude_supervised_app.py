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
