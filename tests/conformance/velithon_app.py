"""What `check_attachment` asks, on Velithon, which speaks RSGI."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any

from postlude.frameworks.velithon import PostludeMiddleware
from postlude.testing import probe_background, probe_chunks
from velithon import Velithon
from velithon.datastructures import Protocol, Scope
from velithon.params import Path
from velithon.responses import PlainTextResponse, Response

attached = Velithon(openapi_url=None)
supervised = PostludeMiddleware(attached)


class Streamed(Response):
    """A stream; Velithon's own cannot be built, since it asks for the length of its body."""

    def __init__(self, chunks: AsyncIterator[bytes], background: Any) -> None:
        super().__init__()
        self.chunks = chunks
        self.after: Any = background

    async def __call__(self, scope: Scope, protocol: Protocol) -> None:
        headers: Any = []  # annotated as a pair, and a list of pairs
        with suppress(RuntimeError):  # or Velithon would handle the request once more
            await self.send(protocol.response_stream(200, headers))
        await self.after()

    async def send(self, stream: Any) -> None:
        """Send all of it; the stream ends where nothing refers to it any more."""
        async for chunk in self.chunks:
            await stream.send_bytes(chunk)


@attached.get("/respond/{status}/{key}")
async def respond(status: Annotated[int, Path()], key: Annotated[str, Path()]) -> PlainTextResponse:
    background: Any = probe_background(key)
    return PlainTextResponse("body", status, background=background)


@attached.get("/stream/{key}")
async def stream(key: Annotated[str, Path()]) -> Streamed:
    return Streamed(probe_chunks(key), probe_background(key))
