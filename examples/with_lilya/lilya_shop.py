import asyncio

from lilya.apps import Lilya
from lilya.requests import Request
from lilya.responses import JSONResponse
from lilya.routing import Path
from postlude import PostludeMiddleware, TaskRunner
from postlude.frameworks.lilya import BackgroundTask


async def print_invoice(number: int) -> None:
    await asyncio.sleep(0.5)
    print(f"printed invoice {number}")


async def invoice(request: Request) -> JSONResponse:
    task = BackgroundTask(print_invoice, int(request.query_params["number"]))
    return JSONResponse({}, status_code=202, background=task)


api = Lilya(routes=[Path("/invoices", invoice, methods=["POST"])])
app = PostludeMiddleware(api, TaskRunner(drain_timeout=1.5))
