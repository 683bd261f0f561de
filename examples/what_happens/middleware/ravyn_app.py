"""Ravyn: a task behind a middleware."""

# Not all of its methods have types.
# pyright: reportUnknownMemberType=false

from collections.abc import AsyncIterator

from examples.what_happens.told import tell
from lilya.middleware import DefineMiddleware
from lilya.responses import StreamingResponse
from lilya.types import ASGIApp, Message, Receive, Scope, Send
from ravyn import Ravyn, get
from ravyn.background import BackgroundTask


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


app = Ravyn(middleware=[DefineMiddleware(Named)])


# --8<-- [end:middleware]
# --8<-- [start:stream]
async def parts() -> AsyncIterator[bytes]:
    for _ in range(64):
        yield bytes(2**20)


async def work() -> None:
    tell("task runs")


@get("/stream")
async def stream() -> StreamingResponse:
    return StreamingResponse(parts(), background=BackgroundTask(work))


app.add_route("/", stream)


# --8<-- [end:stream]
