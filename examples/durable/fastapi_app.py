from fastapi import FastAPI
from fastapi.responses import JSONResponse
from labels import pool, print_label, queue, store
from postlude import BackgroundTask

app = FastAPI(lifespan=pool.lifespan)


@app.post("/orders", status_code=202)
async def order(number: int) -> dict[str, str]:
    task = BackgroundTask(print_label, number).with_options(task_id=f"order-{number}")
    handle = await queue.put(task)
    return {"status_url": f"/status?task_id={handle.id}"}


@app.get("/status")
async def status(task_id: str) -> JSONResponse:
    state = await store.status(task_id)
    body = {"status": state.status, "result": state.result, "error": state.error}
    return JSONResponse(body, status_code=404 if state.status == "unknown" else 200)
