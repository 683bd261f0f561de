"""What `check_attachment` asks, on Lilya."""

from __future__ import annotations

from typing import Any

from lilya.apps import Lilya
from lilya.responses import PlainText, StreamingResponse
from lilya.routing import Path
from postlude import PostludeMiddleware
from postlude.testing import probe_background, probe_chunks


def respond(status: int, key: str) -> PlainText:
    background: Any = probe_background(key)
    return PlainText("body", status_code=status, background=background)


async def stream(key: str) -> StreamingResponse:
    background: Any = probe_background(key)
    return StreamingResponse(probe_chunks(key), background=background)


attached = Lilya(
    routes=[
        Path("/respond/{status:int}/{key}", respond),
        Path("/stream/{key}", stream),
    ]
)
supervised = PostludeMiddleware(attached)
