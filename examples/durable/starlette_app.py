from labels import pool, print_label, queue, store
from postlude import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def order(request: Request) -> JSONResponse:
    number = int(request.query_params["number"])
    task = BackgroundTask(print_label, number).with_options(task_id=f"order-{number}")
    handle = await queue.put(task)
    return JSONResponse({"status_url": f"/status?task_id={handle.id}"}, status_code=202)


async def status(request: Request) -> JSONResponse:
    state = await store.status(request.query_params["task_id"])
    body = {"status": state.status, "result": state.result, "error": state.error}
    return JSONResponse(body, status_code=404 if state.status == "unknown" else 200)


app = Starlette(
    routes=[Route("/orders", order, methods=["POST"]), Route("/status", status)],
    lifespan=pool.lifespan,
)
