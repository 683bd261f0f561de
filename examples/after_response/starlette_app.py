import asyncio
from collections.abc import AsyncGenerator

from narrator import Narrator
from postlude import current_tasks
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

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


async def order(_: Request) -> JSONResponse:
    task = BackgroundTask(send_receipt, "A-1")
    print("handler returns")
    return JSONResponse({"order": "A-1"}, status_code=202, background=task)


async def receipts(_: Request) -> JSONResponse:
    return JSONResponse({"sent": len(sent)})


async def repair(_: Request) -> JSONResponse:
    mail_server_answers.set()
    return JSONResponse({"repaired": True}, status_code=202)


async def stock(_: Request) -> Response:
    return Response(status_code=200, background=BackgroundTask(count, "stock"))


async def export(_: Request) -> StreamingResponse:
    current_tasks().add_task(count, "export")
    return StreamingResponse(rows(), media_type="text/csv")


async def shelf(_: Request) -> Response:
    current_tasks().add_task(count, "shelf")
    return Response(status_code=200)


api = Starlette(
    routes=[
        Route("/orders", order, methods=["POST"]),
        Route("/receipts", receipts),
        Route("/mail-server", repair, methods=["POST"]),
        Route("/stock", stock, methods=["HEAD"]),
        Route("/orders/export", export),
        Route("/shelf", shelf, methods=["HEAD"]),
    ]
)
app = Narrator(api)
