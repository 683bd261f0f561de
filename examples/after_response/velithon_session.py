import asyncio
from contextvars import ContextVar

from narrator import Narrator
from postlude.frameworks.velithon import BackgroundTask
from velithon import Velithon
from velithon.datastructures import Protocol, Scope
from velithon.middleware import Middleware
from velithon.middleware.base import BaseHTTPMiddleware
from velithon.responses import JSONResponse

session = ContextVar[str]("session")


class Session(BaseHTTPMiddleware):
    async def process_http_request(self, scope: Scope, protocol: Protocol) -> None:
        print("session is open")
        session.set("session")
        try:
            await self.app(scope, protocol)
        finally:
            print("session is closed")


async def send_receipt(order: str) -> None:
    await asyncio.sleep(0.1)
    print(f"receipt for {order} is sent")


api = Velithon(middleware=[Middleware(Session)])


@api.post("/orders")
async def order() -> JSONResponse:
    task = BackgroundTask(send_receipt, "A-1")
    content = {"with": session.get()}
    return JSONResponse(content, status_code=202, background=task)


app = Narrator(api)
