import asyncio

from postlude import PostludeMiddleware, TaskRunner
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, post


async def print_invoice(number: int) -> None:
    await asyncio.sleep(0.5)
    print(f"printed invoice {number}")


async def train_model(number: int) -> None:
    await asyncio.sleep(3600)
    print(f"trained model {number}")


@post("/invoices")
async def invoice(number: int) -> JSONResponse:
    task = BackgroundTask(print_invoice, number)
    return JSONResponse({}, status_code=202, background=task)


@post("/models")
async def model(number: int) -> JSONResponse:
    task = BackgroundTask(train_model, number)
    return JSONResponse({}, status_code=202, background=task)


api = Ravyn(routes=[Gateway(handler=invoice), Gateway(handler=model)])
app = PostludeMiddleware(api, TaskRunner(drain_timeout=1.5))
