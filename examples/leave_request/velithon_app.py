import asyncio
from typing import Annotated

from limit import Limit
from postlude.frameworks.velithon import BackgroundTask
from velithon import Velithon
from velithon.middleware import Middleware
from velithon.params import Query
from velithon.responses import JSONResponse

app = Velithon(middleware=[Middleware(Limit)])


async def print_invoice(number: int) -> None:
    await asyncio.sleep(1)
    print(f"printed invoice {number}")


@app.post("/orders")
async def place_order(number: Annotated[int, Query()]) -> JSONResponse:
    task = BackgroundTask(print_invoice, number)
    return JSONResponse({"number": number}, status_code=202, background=task)
