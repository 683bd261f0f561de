import asyncio
from collections.abc import AsyncGenerator

from litestar import Litestar, Response, post
from litestar.di import Provide
from narrator import Narrator
from postlude.frameworks.litestar import BackgroundTask


async def open_session() -> AsyncGenerator[str, None]:
    print("session is open")
    yield "session"
    print("session is closed")


async def send_receipt(order: str) -> None:
    await asyncio.sleep(0.1)
    print(f"receipt for {order} is sent")


@post("/orders", dependencies={"session": Provide(open_session)})
async def order(session: str) -> Response[dict[str, str]]:
    task = BackgroundTask(send_receipt, "A-1")
    return Response({"with": session}, status_code=202, background=task)


app = Narrator(Litestar([order], logging_config=None))
