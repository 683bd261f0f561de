import asyncio

from narrator import Narrator
from postlude import current_tasks
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

mail_server_answers = asyncio.Event()
sent: list[str] = []


async def send_receipt(order: str) -> None:
    print("task begins")
    await mail_server_answers.wait()
    sent.append(order)
    print("task ends")


async def count(page: str) -> None:
    print("counted a look at", page)


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


async def shelf(_: Request) -> Response:
    current_tasks().add_task(count, "shelf")
    return Response(status_code=200)


api = Starlette(
    routes=[
        Route("/orders", order, methods=["POST"]),
        Route("/receipts", receipts),
        Route("/mail-server", repair, methods=["POST"]),
        Route("/stock", stock, methods=["HEAD"]),
        Route("/shelf", shelf, methods=["HEAD"]),
    ]
)
app = Narrator(api)
