import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse
from narrator import Narrator
from postlude.frameworks.fastapi import BackgroundTask


async def open_session() -> AsyncIterator[str]:
    print("session is open")
    yield "session"
    print("session is closed")


async def send_receipt(order: str) -> None:
    await asyncio.sleep(0.1)
    print(f"receipt for {order} is sent")


api = FastAPI()


@api.post("/orders")
async def order(session: Annotated[str, Depends(open_session)]) -> JSONResponse:
    task = BackgroundTask(send_receipt, "A-1")
    return JSONResponse({"with": session}, status_code=202, background=task)


Brief = Annotated[str, Depends(open_session, scope="function")]


@api.post("/orders/brief")
async def brief_order(session: Brief) -> JSONResponse:
    task = BackgroundTask(send_receipt, "A-2")
    return JSONResponse({"with": session}, status_code=202, background=task)


app = Narrator(api)
