"""What `check_attachment` asks, on FastAPI."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, StreamingResponse
from postlude import PostludeMiddleware
from postlude.testing import probe_background, probe_chunks

attached = FastAPI()


@attached.api_route("/respond/{status}/{key}", methods=["GET", "HEAD"])
def respond(status: int, key: str) -> PlainTextResponse:
    background: Any = probe_background(key)
    return PlainTextResponse("body", status, background=background)


@attached.get("/stream/{key}")
async def stream(key: str) -> StreamingResponse:
    background: Any = probe_background(key)
    return StreamingResponse(probe_chunks(key), background=background)


supervised = PostludeMiddleware(attached)
