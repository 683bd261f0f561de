from labels import pool, print_label, queue, store
from postlude import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, get, post


@post("/orders")
async def order(number: int) -> JSONResponse:
    task = BackgroundTask(print_label, number).with_options(task_id=f"order-{number}")
    handle = await queue.put(task)
    return JSONResponse({"status_url": f"/status?task_id={handle.id}"}, status_code=202)


@get("/status")
async def status(task_id: str) -> JSONResponse:
    state = await store.status(task_id)
    body = {"status": state.status, "result": state.result, "error": state.error}
    return JSONResponse(body, status_code=404 if state.status == "unknown" else 200)


app = Ravyn(
    routes=[Gateway(handler=order), Gateway(handler=status)], lifespan=pool.lifespan
)
