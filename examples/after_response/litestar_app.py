import asyncio

from litestar import Litestar, Response, get, head, post
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
    print("counted a look at", page)


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


@head("/shelf")
async def shelf() -> Response[None]:
    current_tasks().add_task(count, "shelf")
    return Response(None, status_code=200)


api = Litestar([order, receipts, repair, stock, shelf], logging_config=None)
app = Narrator(api)
