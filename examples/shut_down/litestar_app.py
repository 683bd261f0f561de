import asyncio

from litestar import Litestar, Response, post
from postlude import PostludeMiddleware, TaskRunner
from postlude.frameworks.litestar import BackgroundTask


async def print_invoice(number: int) -> None:
    await asyncio.sleep(0.5)
    print(f"printed invoice {number}")


async def train_model(number: int) -> None:
    await asyncio.sleep(3600)
    print(f"trained model {number}")


@post("/invoices")
async def invoice(number: int) -> Response[dict[str, str]]:
    task = BackgroundTask(print_invoice, number)
    return Response({}, status_code=202, background=task)


@post("/models")
async def model(number: int) -> Response[dict[str, str]]:
    task = BackgroundTask(train_model, number)
    return Response({}, status_code=202, background=task)


api = Litestar([invoice, model], logging_config=None)
app = PostludeMiddleware(api, TaskRunner(drain_timeout=1.5))
