import asyncio
import os
from pathlib import Path

from litestar import Litestar, Response, post
from postlude.frameworks.litestar import BackgroundTasks

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


@post("/orders")
async def place(order: str) -> Response[dict[str, str]]:
    tasks = BackgroundTasks()
    if order == "failing":
        tasks.add_task(refuse)
    tasks.add_task(send_receipt, order)
    write(f"{order}: placed")
    await asyncio.sleep(0.1)
    return Response({}, status_code=202, background=tasks)


app = Litestar([place], logging_config=None)
