"""What `check_attachment` asks, on Starlette."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from postlude import PostludeMiddleware
from postlude.testing import probe_background, probe_chunks
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request


def respond(request: Request) -> PlainTextResponse:
    background: Any = probe_background(request.path_params["key"])
    return PlainTextResponse("body", request.path_params["status"], background=background)


async def stream(request: Request) -> StreamingResponse:
    key = request.path_params["key"]
    background: Any = probe_background(key)
    return StreamingResponse(probe_chunks(key), background=background)


attached = Starlette(
    routes=[Route("/respond/{status:int}/{key}", respond), Route("/stream/{key}", stream)]
)
supervised = PostludeMiddleware(attached)
