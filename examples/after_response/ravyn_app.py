import asyncio

from narrator import Narrator
from postlude import current_tasks
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, Response, get, head, post

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


@head("/shelf")
async def shelf() -> Response[None]:
    current_tasks().add_task(count, "shelf")
    return Response(None, status_code=200)


handlers = (order, receipts, repair, stock, shelf)
api = Ravyn(routes=[Gateway(handler=each) for each in handlers])
app = Narrator(api)
