"""What `check_attachment` asks, on granian's own protocol and no framework."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from postlude.rsgi import PostludeMiddleware
from postlude.testing import probe_background, probe_chunks


async def routes(scope: Any, protocol: Any) -> None:
    """Leave the tasks first: the middleware keeps them until the response is out."""
    match scope.path.split("/"):
        case ["", "respond", status, key]:
            await probe_background(key)()
            protocol.response_str(int(status), [], "body")
        case ["", "stream", key]:
            await probe_background(key)()
            with suppress(RuntimeError):  # the client has left
                await send(protocol.response_stream(200, []), key)
        case _:
            protocol.response_empty(404, [])


async def send(stream: Any, key: str) -> None:
    async for chunk in probe_chunks(key):
        await stream.send_bytes(chunk)


awaited = PostludeMiddleware(routes)
