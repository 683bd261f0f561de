"""What `check_attachment` asks, on Quart."""

from collections.abc import AsyncIterator

from postlude import BackgroundTask, current_tasks
from postlude.frameworks.quart import PostludeExtension
from postlude.testing import probe_background, probe_chunks
from quart import Quart

supervised = Quart(__name__)
PostludeExtension(supervised)


def leave(key: str) -> None:
    background = probe_background(key)
    if isinstance(background, BackgroundTask):
        current_tasks().add(background)
    else:
        current_tasks().add_task(background)


@supervised.get("/respond/<int:status>/<key>")
async def respond(status: int, key: str) -> tuple[str, int]:
    leave(key)
    return "body", status


@supervised.get("/stream/<key>")
async def stream(key: str) -> AsyncIterator[bytes]:
    leave(key)
    return probe_chunks(key)
