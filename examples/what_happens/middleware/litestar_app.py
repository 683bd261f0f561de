"""Litestar: a task behind a middleware."""

from collections.abc import AsyncIterator

from examples.what_happens.told import tell
from litestar import Litestar, get
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import MutableScopeHeaders
from litestar.middleware import ASGIMiddleware
from litestar.response import Stream
from litestar.types import ASGIApp, Message, Receive, Scope, Send


# --8<-- [start:middleware]
class Named(ASGIMiddleware):
    async def handle(
        self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableScopeHeaders.from_message(message)["x-served-by"] = "a"
            await send(message)

        await next_app(scope, receive, send_named)


app = Litestar(middleware=[Named()])


# --8<-- [end:middleware]
# --8<-- [start:stream]
async def parts() -> AsyncIterator[bytes]:
    for _ in range(64):
        yield bytes(2**20)


async def work() -> None:
    tell("task runs")


@get("/stream")
async def stream() -> Stream:
    return Stream(parts(), background=BackgroundTask(work))


app.register(stream)


# --8<-- [end:stream]
