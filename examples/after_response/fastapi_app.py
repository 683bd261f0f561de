import asyncio
from collections.abc import AsyncGenerator

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response, StreamingResponse
from narrator import Narrator
from postlude import current_tasks
from postlude.frameworks.fastapi import BackgroundTask

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


api = FastAPI()


@api.post("/orders")
async def order() -> JSONResponse:
    task = BackgroundTask(send_receipt, "A-1")
    print("handler returns")
    return JSONResponse({"order": "A-1"}, status_code=202, background=task)


@api.get("/receipts")
async def receipts() -> dict[str, int]:
    return {"sent": len(sent)}


@api.post("/mail-server", status_code=202)
async def repair() -> dict[str, bool]:
    mail_server_answers.set()
    return {"repaired": True}


@api.head("/stock")
async def stock() -> Response:
    return Response(status_code=200, background=BackgroundTask(count, "stock"))


@api.get("/orders/export")
async def export() -> StreamingResponse:
    current_tasks().add_task(count, "export")
    return StreamingResponse(rows(), media_type="text/csv")


@api.head("/shelf")
async def shelf() -> Response:
    current_tasks().add_task(count, "shelf")
    return Response(status_code=200)


app = Narrator(api)
