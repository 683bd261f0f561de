from typing import Any

from labels import pool, print_label, queue, store
from litestar import Litestar, Response, get, post
from postlude import BackgroundTask


@post("/orders", status_code=202)
async def order(number: int) -> dict[str, str]:
    task = BackgroundTask(print_label, number).with_options(task_id=f"order-{number}")
    handle = await queue.put(task)
    return {"status_url": f"/status?task_id={handle.id}"}


@get("/status")
async def status(task_id: str) -> Response[dict[str, Any]]:
    state = await store.status(task_id)
    body = {"status": state.status, "result": state.result, "error": state.error}
    return Response(body, status_code=404 if state.status == "unknown" else 200)


app = Litestar([order, status], lifespan=[pool.lifespan], logging_config=None)
