import asyncio

from litestar import Litestar, Response, post
from postlude import TaskRunner
from postlude.frameworks.litestar import BackgroundTask, PostludePlugin


async def print_invoice(number: int) -> None:
    await asyncio.sleep(0.5)
    print(f"printed invoice {number}")


@post("/invoices")
async def invoice(number: int) -> Response[dict[str, str]]:
    task = BackgroundTask(print_invoice, number)
    return Response({}, status_code=202, background=task)


plugin = PostludePlugin(TaskRunner(drain_timeout=1.5))
app = Litestar([invoice], plugins=[plugin], logging_config=None)
