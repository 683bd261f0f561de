"""Litestar: what is attached to a response or to a handler."""

import asyncio
from collections.abc import AsyncIterator

from examples.what_happens.told import tell
from litestar import Litestar, Request, Response, get
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.response import Stream

app = Litestar()


# --8<-- [start:work]
async def work(seconds: float) -> None:
    tell("task starts")
    await asyncio.sleep(seconds)
    tell("task ends")


# --8<-- [end:work]
# --8<-- [start:slow_task]
@get("/slow-task")
async def slow_task() -> Response[dict[str, bool]]:
    await asyncio.sleep(0.05)
    return Response({"ok": True}, background=BackgroundTask(work, 2))


app.register(slow_task)


# --8<-- [end:slow_task]
# --8<-- [start:refused]
@get("/refused", background=BackgroundTask(work, 0))
async def refused(request: Request[None, None, State]) -> dict[str, bool]:
    tell("handler runs")
    if "authorization" not in request.headers:
        raise HTTPException(status_code=401)
    return {"ok": True}


app.register(refused)


# --8<-- [end:refused]
# --8<-- [start:stream]
async def numbers() -> AsyncIterator[bytes]:
    for number in range(100):
        yield f"{number}\n".encode()
        await asyncio.sleep(0.02)


@get("/stream")
async def stream() -> Stream:
    return Stream(numbers(), background=BackgroundTask(work, 0))


app.register(stream)


# --8<-- [end:stream]
# --8<-- [start:never_attached]
@get("/never-attached")
async def never_attached() -> dict[str, bool]:
    BackgroundTask(work, 0)
    return {"ok": True}


app.register(never_attached)


# --8<-- [end:never_attached]
# --8<-- [start:awaited]
@get("/awaited")
async def awaited() -> dict[str, bool]:
    task = BackgroundTask(work, 2)
    await task()
    return {"ok": True}


app.register(awaited)


# --8<-- [end:awaited]
# --8<-- [start:crashes]
@get("/crashes", background=BackgroundTask(work, 0))
async def crashes() -> dict[str, bool]:
    tell("handler runs")
    raise ValueError("no")


app.register(crashes)


# --8<-- [end:crashes]
# --8<-- [start:slow_handler]
@get("/slow-handler")
async def slow_handler() -> Response[dict[str, bool]]:
    tell("handler runs")
    await asyncio.sleep(1)
    tell("handler ends")
    return Response({"ok": True}, background=BackgroundTask(work, 0))


app.register(slow_handler)


# --8<-- [end:slow_handler]
# --8<-- [start:broken_stream]
async def broken() -> AsyncIterator[bytes]:
    yield b"0\n"
    tell("the stream fails")
    raise ValueError("no more")


@get("/broken-stream")
async def broken_stream() -> Stream:
    return Stream(broken(), background=BackgroundTask(work, 0))


app.register(broken_stream)


# --8<-- [end:broken_stream]
# --8<-- [start:not_json]
@get("/not-json", background=BackgroundTask(work, 0))
async def not_json() -> dict[str, object]:
    tell("handler runs")
    return {"id": object()}


app.register(not_json)


# --8<-- [end:not_json]
