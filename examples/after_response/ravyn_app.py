import asyncio
from collections.abc import AsyncGenerator

from narrator import Narrator
from postlude import current_tasks
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, Response, get, head, post
from ravyn.responses import StreamingResponse

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
async def order() -> JSONResponse:
    task = BackgroundTask(send_receipt, "A-1")
    print("handler returns")
    return JSONResponse({"order": "A-1"}, status_code=202, background=task)


@get("/receipts")
async def receipts() -> JSONResponse:
    return JSONResponse({"sent": len(sent)})


@post("/mail-server")
async def repair() -> JSONResponse:
    mail_server_answers.set()
    return JSONResponse({"repaired": True}, status_code=202)


@head("/stock")
async def stock() -> Response[None]:
    return Response(None, status_code=200, background=BackgroundTask(count, "stock"))


@get("/orders/export")
async def export() -> StreamingResponse:
    current_tasks().add_task(count, "export")
    return StreamingResponse(rows(), media_type="text/csv")


@head("/shelf")
async def shelf() -> Response[None]:
    current_tasks().add_task(count, "shelf")
    return Response(None, status_code=200)


handlers = (order, receipts, repair, stock, export, shelf)
api = Ravyn(routes=[Gateway(handler=each) for each in handlers])
app = Narrator(api)
