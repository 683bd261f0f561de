import asyncio
import os
from pathlib import Path

from postlude.frameworks.starlette import BackgroundTasks
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

ledger = Path(os.environ.get("LEDGER", "ledger.txt"))


def write(line: str) -> None:
    with ledger.open("a") as file:
        print(line, file=file)


async def refuse() -> None:
    raise ValueError("no such address")


async def send_receipt(order: str) -> None:
    write(f"{order}: begun")
    await asyncio.sleep(0.5)
    write(f"{order}: done")


async def place(request: Request) -> JSONResponse:
    order = request.query_params["order"]
    tasks = BackgroundTasks()
    if order == "failing":
        tasks.add_task(refuse)
    tasks.add_task(send_receipt, order)
    write(f"{order}: placed")
    await asyncio.sleep(0.1)
    return JSONResponse({}, status_code=202, background=tasks)


app = Starlette(routes=[Route("/orders", place, methods=["POST"])])
