"""Lilya: a task behind a middleware."""

from collections.abc import AsyncIterator

from examples.what_happens.told import tell
from lilya.apps import Lilya
from lilya.background import Task
from lilya.middleware import DefineMiddleware
from lilya.requests import Request
from lilya.responses import StreamingResponse
from lilya.types import ASGIApp, Message, Receive, Scope, Send


# --8<-- [start:middleware]
class Named:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-served-by", b"a")]
            await send(message)

        await self.app(scope, receive, send_named)


app = Lilya(middleware=[DefineMiddleware(Named)])


# --8<-- [end:middleware]
# --8<-- [start:stream]
async def parts() -> AsyncIterator[bytes]:
    for _ in range(64):
        yield bytes(2**20)


async def work() -> None:
    tell("task runs")


async def stream(request: Request) -> StreamingResponse:
    return StreamingResponse(parts(), background=Task(work))


app.add_route("/stream", stream)


# --8<-- [end:stream]
