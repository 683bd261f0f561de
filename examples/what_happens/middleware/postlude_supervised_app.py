"""Postlude on Starlette, with its middleware: a task behind a middleware."""

from collections.abc import AsyncIterator

from examples.what_happens.told import tell
from postlude import PostludeMiddleware
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse


# --8<-- [start:middleware]
class Named(BaseHTTPMiddleware):
    async def dispatch(
        self, request: Request, call_next: RequestResponseEndpoint
    ) -> Response:
        response = await call_next(request)
        response.headers["x-served-by"] = "a"
        return response


api = Starlette()
api.add_middleware(Named)
app = PostludeMiddleware(api)


# --8<-- [end:middleware]
# --8<-- [start:stream]
async def parts() -> AsyncIterator[bytes]:
    for _ in range(64):
        yield bytes(2**20)


async def work() -> None:
    tell("task runs")


async def stream(request: Request) -> StreamingResponse:
    return StreamingResponse(parts(), background=BackgroundTask(work))


api.add_route("/stream", stream)


# --8<-- [end:stream]
