import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from narrator import Narrator
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, post


@asynccontextmanager
async def open_session() -> AsyncGenerator[str]:
    print("session is open")
    yield "session"
    print("session is closed")


async def send_receipt(order: str) -> None:
    await asyncio.sleep(0.1)
    print(f"receipt for {order} is sent")


@post("/orders")
async def order() -> JSONResponse:
    async with open_session() as session:
        task = BackgroundTask(send_receipt, "A-1")
        return JSONResponse({"with": session}, status_code=202, background=task)


app = Narrator(Ravyn(routes=[Gateway(handler=order)]))
