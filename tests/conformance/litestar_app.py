"""What `check_attachment` asks, on Litestar."""

from __future__ import annotations

from typing import Any

from litestar import HttpMethod, Litestar, Response, get, route
from litestar.response import Stream
from postlude import PostludeMiddleware
from postlude.testing import probe_background, probe_chunks

PATH = "/respond/{status:int}/{key:str}"


@route(PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD], sync_to_thread=True)
def respond(status: int, key: str) -> Response[Any]:
    background: Any = probe_background(key)
    return Response("body", status_code=status, background=background)


@get("/stream/{key:str}")
async def stream(key: str) -> Stream:
    background: Any = probe_background(key)
    return Stream(probe_chunks(key), background=background)


attached = Litestar([respond, stream], logging_config=None)
supervised = PostludeMiddleware(attached)
