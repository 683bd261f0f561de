from back_office import engine, generate_report, process_payment, state_of
from postlude import BackgroundTask, EngineUnavailable
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def say_later(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": "try again later"}, 503, {"Retry-After": "5"})


async def pay(request: Request) -> JSONResponse:
    payment = await request.json()
    task = BackgroundTask(process_payment, **payment)
    task_id = f"payment-{payment['order_id']}"
    handle = await task.with_options(engine=engine, task_id=task_id).submit()
    return JSONResponse({"task_id": handle.id, "status": handle.status}, 202)


async def report(request: Request) -> JSONResponse:
    wanted = await request.json()
    task = BackgroundTask(generate_report, **wanted)
    task_id = f"report-{wanted['user_id']}"
    handle = await task.with_options(engine=engine, task_id=task_id).submit()
    body = {"task_id": handle.id, "message": "the report comes by mail"}
    return JSONResponse(body, 202)


async def status(request: Request) -> JSONResponse:
    state = await state_of(request.path_params["task_id"])
    return JSONResponse(state, 404 if state["status"] == "unknown" else 200)


app = Starlette(
    routes=[
        Route("/process-payment", pay, methods=["POST"]),
        Route("/generate-report", report, methods=["POST"]),
        Route("/task-status/{task_id}", status),
    ],
    exception_handlers={EngineUnavailable: say_later},
)
