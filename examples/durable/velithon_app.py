import asyncio
from typing import Annotated

from labels import pool, print_label, queue, store
from postlude import BackgroundTask
from velithon import Velithon
from velithon.params import Query
from velithon.responses import JSONResponse

app = Velithon()
is_open, is_over = asyncio.Event(), asyncio.Event()
lives: set[asyncio.Task[None]] = set()


async def keep_open() -> None:  # one task: whoever opens a pool must close it
    async with pool:
        is_open.set()
        await is_over.wait()


@app.on_startup()  # type: ignore[func-returns-value, misc]  # annotated as None
async def start_workers() -> None:
    lives.add(asyncio.create_task(keep_open()))
    await is_open.wait()


@app.on_shutdown()  # type: ignore[func-returns-value, misc]  # annotated as None
async def drain_workers() -> None:
    is_over.set()
    await asyncio.gather(*lives)


@app.post("/orders")
async def order(number: Annotated[int, Query()]) -> JSONResponse:
    task = BackgroundTask(print_label, number).with_options(task_id=f"order-{number}")
    handle = await queue.put(task)
    return JSONResponse({"status_url": f"/status?task_id={handle.id}"}, 202)


@app.get("/status")
async def status(task_id: Annotated[str, Query()]) -> JSONResponse:
    state = await store.status(task_id)
    body = {"status": state.status, "result": state.result, "error": state.error}
    return JSONResponse(body, 404 if state.status == "unknown" else 200)
