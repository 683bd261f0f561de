"""Velithon: what is attached to a response."""

# Its type stubs describe other arguments than its classes take.
# mypy: disable-error-code="arg-type, call-arg"
# pyright: reportArgumentType=false, reportCallIssue=false

import asyncio
from collections.abc import AsyncIterator

from examples.what_happens.told import tell
from velithon import Velithon
from velithon.background import BackgroundTask
from velithon.exceptions import HTTPException
from velithon.requests import Request
from velithon.responses import JSONResponse, StreamingResponse

app = Velithon()


# --8<-- [start:work]
async def work(seconds: float) -> None:
    tell("task starts")
    await asyncio.sleep(seconds)
    tell("task ends")


# --8<-- [end:work]
# --8<-- [start:slow_task]
@app.get("/slow-task")
async def slow_task() -> JSONResponse:
    await asyncio.sleep(0.05)
    return JSONResponse({"ok": True}, background=BackgroundTask(work, (2,)))


# --8<-- [end:slow_task]
# --8<-- [start:refused]
@app.get("/refused")
async def refused(request: Request) -> JSONResponse:
    tell("handler runs")
    response = JSONResponse({"ok": True}, background=BackgroundTask(work, (0,)))
    if "authorization" not in request.headers:
        raise HTTPException(status_code=401)
    return response


# --8<-- [end:refused]
# --8<-- [start:stream]
async def numbers() -> AsyncIterator[bytes]:
    for number in range(100):
        yield f"{number}\n".encode()
        await asyncio.sleep(0.02)


@app.get("/stream")
async def stream() -> StreamingResponse:
    return StreamingResponse(numbers(), background=BackgroundTask(work, (0,)))


# --8<-- [end:stream]
# --8<-- [start:never_attached]
@app.get("/never-attached")
async def never_attached() -> JSONResponse:
    BackgroundTask(work, (0,))
    return JSONResponse({"ok": True})


# --8<-- [end:never_attached]
# --8<-- [start:awaited]
@app.get("/awaited")
async def awaited() -> JSONResponse:
    task = BackgroundTask(work, (2,))
    await task()
    return JSONResponse({"ok": True})


# --8<-- [end:awaited]
# --8<-- [start:crashes]
@app.get("/crashes")
async def crashes(request: Request) -> JSONResponse:
    tell("handler runs")
    response = JSONResponse({"ok": True}, background=BackgroundTask(work, (0,)))
    if "authorization" not in request.headers:
        raise ValueError("no")
    return response


# --8<-- [end:crashes]
# --8<-- [start:slow_handler]
@app.get("/slow-handler")
async def slow_handler() -> JSONResponse:
    tell("handler runs")
    await asyncio.sleep(1)
    tell("handler ends")
    return JSONResponse({"ok": True}, background=BackgroundTask(work, (0,)))


# --8<-- [end:slow_handler]
# --8<-- [start:broken_stream]
async def broken() -> AsyncIterator[bytes]:
    yield b"0\n"
    tell("the stream fails")
    raise ValueError("no more")


@app.get("/broken-stream")
async def broken_stream() -> StreamingResponse:
    return StreamingResponse(broken(), background=BackgroundTask(work, (0,)))


# --8<-- [end:broken_stream]
# --8<-- [start:not_json]
@app.get("/not-json")
async def not_json() -> JSONResponse:
    tell("handler runs")
    return JSONResponse({"id": object()}, background=BackgroundTask(work, (0,)))


# --8<-- [end:not_json]
