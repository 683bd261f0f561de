"""Starlette: what is attached to a response."""

import asyncio
from collections.abc import AsyncIterator

from examples.what_happens.told import tell
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse

app = Starlette()


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


app.add_route("/slow-task", slow_task)


# --8<-- [end:slow_task]
# --8<-- [start:refused]
async def refused(request: Request) -> JSONResponse:
    tell("handler runs")
    response = JSONResponse({"ok": True}, background=BackgroundTask(work, 0))
    if "authorization" not in request.headers:
        raise HTTPException(401)
    return response


app.add_route("/refused", refused)


# --8<-- [end:refused]
# --8<-- [start:stream]
async def numbers() -> AsyncIterator[bytes]:
    for number in range(100):
        yield f"{number}\n".encode()
        await asyncio.sleep(0.02)


async def stream(request: Request) -> StreamingResponse:
    return StreamingResponse(numbers(), background=BackgroundTask(work, 0))


app.add_route("/stream", stream)
# --8<-- [end:stream]
