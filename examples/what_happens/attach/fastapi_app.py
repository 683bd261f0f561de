"""FastAPI: what is attached to a response."""

import asyncio
from collections.abc import AsyncIterator

from examples.what_happens.told import tell
from fastapi import BackgroundTasks, FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse

app = FastAPI()


# --8<-- [start:work]
async def work(seconds: float) -> None:
    tell("task starts")
    await asyncio.sleep(seconds)
    tell("task ends")


# --8<-- [end:work]
# --8<-- [start:slow_task]
@app.get("/slow-task")
async def slow_task(tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(work, 2)
    await asyncio.sleep(0.05)
    return {"ok": True}


# --8<-- [end:slow_task]
# --8<-- [start:refused]
@app.get("/refused")
async def refused(request: Request, tasks: BackgroundTasks) -> dict[str, bool]:
    tell("handler runs")
    tasks.add_task(work, 0)
    if "authorization" not in request.headers:
        raise HTTPException(401)
    return {"ok": True}


# --8<-- [end:refused]
# --8<-- [start:stream]
async def numbers() -> AsyncIterator[bytes]:
    for number in range(100):
        yield f"{number}\n".encode()
        await asyncio.sleep(0.02)


@app.get("/stream")
async def stream(tasks: BackgroundTasks) -> StreamingResponse:
    tasks.add_task(work, 0)
    return StreamingResponse(numbers())


# --8<-- [end:stream]
# --8<-- [start:never_attached]
@app.get("/never-attached")
async def never_attached() -> dict[str, bool]:
    tasks = BackgroundTasks()
    tasks.add_task(work, 0)
    return {"ok": True}


# --8<-- [end:never_attached]
# --8<-- [start:awaited]
@app.get("/awaited")
async def awaited(tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(work, 2)
    await tasks()
    return {"ok": True}


# --8<-- [end:awaited]
# --8<-- [start:crashes]
@app.get("/crashes")
async def crashes(tasks: BackgroundTasks) -> dict[str, bool]:
    tell("handler runs")
    tasks.add_task(work, 0)
    raise ValueError("no")


# --8<-- [end:crashes]
# --8<-- [start:slow_handler]
@app.get("/slow-handler")
async def slow_handler(tasks: BackgroundTasks) -> dict[str, bool]:
    tell("handler runs")
    tasks.add_task(work, 0)
    await asyncio.sleep(1)
    tell("handler ends")
    return {"ok": True}


# --8<-- [end:slow_handler]
# --8<-- [start:broken_stream]
async def broken() -> AsyncIterator[bytes]:
    yield b"0\n"
    tell("the stream fails")
    raise ValueError("no more")


@app.get("/broken-stream")
async def broken_stream(tasks: BackgroundTasks) -> StreamingResponse:
    tasks.add_task(work, 0)
    return StreamingResponse(broken())


# --8<-- [end:broken_stream]
# --8<-- [start:not_json]
@app.get("/not-json")
async def not_json(tasks: BackgroundTasks) -> dict[str, object]:
    tell("handler runs")
    tasks.add_task(work, 0)
    return {"id": object()}


# --8<-- [end:not_json]
