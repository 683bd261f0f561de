"""The application of the contract, on Lilya."""

from __future__ import annotations

import postlude
from lilya.apps import Lilya
from lilya.responses import JSONResponse
from lilya.routing import Path, WebSocketPath
from lilya.websockets import WebSocket
from postlude.frameworks.lilya import BackgroundTask, BackgroundTasks, after_response
from tests.frameworks.probe import boom, note, note_async

KEPT = JSONResponse({})


async def group() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(note_async, "first")
    tasks.add_task(boom, "hunter2")
    tasks.add_task(note, "second")
    tasks.add(BackgroundTask(note_async, "third"))
    return JSONResponse({}, background=tasks)


@after_response(BackgroundTask(note_async, "handler"))
async def decorated() -> JSONResponse:
    return JSONResponse({}, background=BackgroundTask(note, "response"))


@after_response(BackgroundTasks([BackgroundTask(note, "kept")]))
def kept() -> JSONResponse:
    return KEPT


@after_response(BackgroundTask(note, "plain"))
async def plain() -> dict[str, str]:
    return {"plain": "value"}


@after_response(BackgroundTask(note_async, "socket"))
async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    while await websocket.receive_text() != "close":
        await websocket.send_text("still here")
    await websocket.close()


app = Lilya(
    routes=[
        Path("/group", group),
        Path("/decorated", decorated),
        Path("/kept", kept),
        Path("/plain", plain),
        WebSocketPath("/socket", talk),
    ]
)
supervised = postlude.PostludeMiddleware(app)
