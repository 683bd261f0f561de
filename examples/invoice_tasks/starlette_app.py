from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from billing import close, engine, send_invoice, state_of
from postlude import BackgroundTask, EngineUnavailable
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncGenerator[None]:
    yield
    await close()


async def say_later(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": "try again later"}, 503, {"Retry-After": "5"})


async def send(request: Request) -> JSONResponse:
    invoice = await request.json()
    task = BackgroundTask(send_invoice, invoice["number"], invoice["email"])
    named = task.with_options(engine=engine, task_id=f"invoice-{invoice['number']}")
    handle = await named.submit()
    return JSONResponse({"task_id": handle.id, "status": handle.status}, 202)


async def status(request: Request) -> JSONResponse:
    state = await state_of(request.path_params["task_id"])
    return JSONResponse(state, 404 if state["status"] == "unknown" else 200)


app = Starlette(
    routes=[
        Route("/invoices", send, methods=["POST"]),
        Route("/task-status/{task_id}", status),
    ],
    lifespan=lifespan,
    exception_handlers={EngineUnavailable: say_later},
)
