"""Ravyn: what is attached to a response or to a handler."""

# Not all of its methods have types.
# pyright: reportUnknownMemberType=false

import asyncio
from collections.abc import AsyncIterator

from examples.what_happens.told import tell
from lilya.responses import StreamingResponse
from ravyn import HTTPException, JSONResponse, Ravyn, Request, get
from ravyn.background import BackgroundTask

app = Ravyn()


# --8<-- [start:work]
async def work(seconds: float) -> None:
    tell("task starts")
    await asyncio.sleep(seconds)
    tell("task ends")


# --8<-- [end:work]
# --8<-- [start:slow_task]
@get("/slow-task")
async def slow_task() -> JSONResponse:
    await asyncio.sleep(0.05)
    return JSONResponse({"ok": True}, background=BackgroundTask(work, 2))


app.add_route("/", slow_task)


# --8<-- [end:slow_task]
# --8<-- [start:refused]
@get("/refused", background=BackgroundTask(work, 0))
async def refused(request: Request) -> dict[str, bool]:
    tell("handler runs")
    if "authorization" not in request.headers:
        raise HTTPException(status_code=401)
    return {"ok": True}


app.add_route("/", refused)


# --8<-- [end:refused]
# --8<-- [start:stream]
async def numbers() -> AsyncIterator[bytes]:
    for number in range(100):
        yield f"{number}\n".encode()
        await asyncio.sleep(0.02)


@get("/stream")
async def stream() -> StreamingResponse:
    return StreamingResponse(numbers(), background=BackgroundTask(work, 0))


app.add_route("/", stream)
# --8<-- [end:stream]
