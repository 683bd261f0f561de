import asyncio

from postlude import TaskRunner
from postlude.frameworks.velithon import BackgroundTask, PostludeMiddleware
from velithon import Velithon
from velithon.responses import JSONResponse

api = Velithon()


async def print_invoice(number: int) -> None:
    await asyncio.sleep(1)
    print(f"printed invoice {number}")


@api.post("/invoices")
async def invoice() -> JSONResponse:
    task = BackgroundTask(print_invoice, 1)
    return JSONResponse({}, status_code=202, background=task)


app = PostludeMiddleware(api, TaskRunner(drain_timeout=3))
