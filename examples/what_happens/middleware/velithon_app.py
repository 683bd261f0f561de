"""Velithon: a task behind a middleware."""

# Its type stubs describe other arguments than its classes take.
# mypy: disable-error-code="arg-type, call-arg"
# pyright: reportArgumentType=false, reportCallIssue=false

from collections.abc import AsyncIterator

from examples.what_happens.told import tell
from velithon import Velithon
from velithon.background import BackgroundTask
from velithon.datastructures import Protocol, Scope
from velithon.middleware import Middleware
from velithon.middleware.base import PassThroughMiddleware
from velithon.responses import StreamingResponse


# --8<-- [start:middleware]
class Noted(PassThroughMiddleware):
    async def before_request(self, scope: Scope, protocol: Protocol) -> None:
        tell(f"{scope.method} {scope.path}")


app = Velithon(middleware=[Middleware(Noted)])


# --8<-- [end:middleware]
# --8<-- [start:stream]
async def parts() -> AsyncIterator[bytes]:
    for _ in range(64):
        yield bytes(2**20)


async def work() -> None:
    tell("task runs")


@app.get("/stream")
async def stream() -> StreamingResponse:
    return StreamingResponse(parts(), background=BackgroundTask(work))


# --8<-- [end:stream]
