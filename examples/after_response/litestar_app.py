import asyncio
from collections.abc import AsyncGenerator

from litestar import Litestar, Response, get, head, post
from litestar.response import Stream
from narrator import Narrator
from postlude import current_tasks
from postlude.frameworks.litestar import BackgroundTask

mail_server_answers = asyncio.Event()
sent: list[str] = []


async def send_receipt(order: str) -> None:
    print("task begins")
    await mail_server_answers.wait()
    sent.append(order)
    print("task ends")


async def count(page: str) -> None:
    await asyncio.sleep(0.05)
    print("counted a look at", page)


async def rows() -> AsyncGenerator[bytes]:
    yield b"A-1,"
    await asyncio.sleep(0.3)
    yield b"A-2"


@post("/orders")
async def order() -> Response[dict[str, str]]:
    task = BackgroundTask(send_receipt, "A-1")
    print("handler returns")
    return Response({"order": "A-1"}, status_code=202, background=task)


@get("/receipts")
async def receipts() -> dict[str, int]:
    return {"sent": len(sent)}


@post("/mail-server", status_code=202)
async def repair() -> dict[str, bool]:
    mail_server_answers.set()
    return {"repaired": True}


@head("/stock")
async def stock() -> Response[None]:
    return Response(None, status_code=200, background=BackgroundTask(count, "stock"))


@get("/orders/export")
async def export() -> Stream:
    current_tasks().add_task(count, "export")
    return Stream(rows(), media_type="text/csv")


@head("/shelf")
async def shelf() -> Response[None]:
    current_tasks().add_task(count, "shelf")
    return Response(None, status_code=200)


api = Litestar([order, receipts, repair, stock, export, shelf], logging_config=None)
app = Narrator(api)
