import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from narrator import Narrator
from postlude import current_tasks
from postlude.frameworks.velithon import BackgroundTask
from velithon import Velithon
from velithon.datastructures import Protocol, Scope
from velithon.responses import JSONResponse, Response

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


class Rows(Response):
    async def __call__(self, scope: Scope, protocol: Protocol) -> None:
        headers: Any = [("content-type", "text/csv; charset=utf-8")]
        stream = protocol.response_stream(200, headers)
        async for row in rows():
            await stream.send_bytes(row)


api = Velithon()


@api.post("/orders")
async def order() -> JSONResponse:
    task = BackgroundTask(send_receipt, "A-1")
    print("handler returns")
    return JSONResponse({"order": "A-1"}, status_code=202, background=task)


@api.get("/receipts")
async def receipts() -> dict[str, int]:
    return {"sent": len(sent)}


@api.post("/mail-server")
async def repair() -> JSONResponse:
    mail_server_answers.set()
    return JSONResponse({"repaired": True}, status_code=202)


@api.get("/stock")  # and HEAD
async def stock() -> Response:
    return Response(background=BackgroundTask(count, "stock"))


@api.get("/orders/export")
async def export() -> Response:
    current_tasks().add_task(count, "export")
    return Rows()


@api.get("/shelf")  # and HEAD
async def shelf() -> Response:
    current_tasks().add_task(count, "shelf")
    return Response()


app = Narrator(api)
