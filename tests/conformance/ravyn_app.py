"""What `check_attachment` asks, on Ravyn."""

# Ravyn's route decorators carry no types.
# mypy: disable-error-code="untyped-decorator"
# pyright: reportUnknownVariableType=false

from typing import Any

from lilya.responses import PlainText, StreamingResponse
from postlude import PostludeMiddleware
from postlude.testing import probe_background, probe_chunks
from ravyn import Gateway, Ravyn, get, route


@route("/respond/{status:int}/{key}", methods=["GET", "HEAD"])
def respond(status: int, key: str) -> PlainText:
    background: Any = probe_background(key)
    return PlainText("body", status_code=status, background=background)


@get("/stream/{key}")
async def stream(key: str) -> StreamingResponse:
    background: Any = probe_background(key)
    return StreamingResponse(probe_chunks(key), background=background)


attached = Ravyn(routes=[Gateway(handler=respond), Gateway(handler=stream)])
supervised = PostludeMiddleware(attached)
