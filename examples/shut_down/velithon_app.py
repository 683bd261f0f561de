import asyncio
from typing import Annotated

from postlude import TaskRunner
from postlude.frameworks.velithon import BackgroundTask, PostludeMiddleware
from velithon import Velithon
from velithon.params import Query
from velithon.responses import JSONResponse

api = Velithon()


async def print_invoice(number: int) -> None:
    await asyncio.sleep(0.5)
    print(f"printed invoice {number}")


async def train_model(number: int) -> None:
    await asyncio.sleep(3600)
    print(f"trained model {number}")


@api.post("/invoices")
async def invoice(number: Annotated[int, Query()]) -> JSONResponse:
    task = BackgroundTask(print_invoice, number)
    return JSONResponse({}, status_code=202, background=task)


@api.post("/models")
async def model(number: Annotated[int, Query()]) -> JSONResponse:
    task = BackgroundTask(train_model, number)
    return JSONResponse({}, status_code=202, background=task)


app = PostludeMiddleware(api, TaskRunner(drain_timeout=1.5))
