import asyncio

from postlude import PostludeMiddleware, TaskRunner
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def print_invoice(number: int) -> None:
    await asyncio.sleep(0.5)
    print(f"printed invoice {number}")


async def train_model(number: int) -> None:
    await asyncio.sleep(3600)
    print(f"trained model {number}")


async def invoice(request: Request) -> JSONResponse:
    task = BackgroundTask(print_invoice, int(request.query_params["number"]))
    return JSONResponse({}, status_code=202, background=task)


async def model(request: Request) -> JSONResponse:
    task = BackgroundTask(train_model, int(request.query_params["number"]))
    return JSONResponse({}, status_code=202, background=task)


api = Starlette(
    routes=[
        Route("/invoices", invoice, methods=["POST"]),
        Route("/models", model, methods=["POST"]),
    ]
)
app = PostludeMiddleware(api, TaskRunner(drain_timeout=1.5))
