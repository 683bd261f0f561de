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
