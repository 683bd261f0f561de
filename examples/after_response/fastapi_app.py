import asyncio

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
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
    print("counted a look at", page)


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


@api.head("/shelf")
async def shelf() -> Response:
    current_tasks().add_task(count, "shelf")
    return Response(status_code=200)


app = Narrator(api)
