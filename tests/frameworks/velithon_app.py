"""The application of the contract, on Velithon."""

# Not `from __future__ import annotations`: Velithon reads them as they stand.

from postlude.frameworks.velithon import (
    BackgroundTask,
    BackgroundTasks,
    PostludeMiddleware,
    after_response,
)
from tests.frameworks.probe import boom, note, note_async
from velithon import Velithon
from velithon.responses import JSONResponse
from velithon.websocket import WebSocket

KEPT = JSONResponse({})
app = Velithon(openapi_url=None)


@app.get("/group")
async def group() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(note_async, "first")
    tasks.add_task(boom, "hunter2")
    tasks.add_task(note, "second")
    tasks.add(BackgroundTask(note_async, "third"))
    return JSONResponse({}, background=tasks)


@app.get("/decorated")
@after_response(BackgroundTask(note_async, "handler"))
async def decorated() -> JSONResponse:
    return JSONResponse({}, background=BackgroundTask(note, "response"))


@app.get("/kept")
@after_response(BackgroundTasks([BackgroundTask(note, "kept")]))
async def kept() -> JSONResponse:
    return KEPT


@app.get("/plain")
@after_response(BackgroundTask(note, "plain"))
async def plain() -> dict[str, str]:
    return {"plain": "value"}


@app.websocket("/socket")
@after_response(BackgroundTask(note_async, "socket"))
async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    while await websocket.receive_text() != "close":
        await websocket.send_text("still here")
    await websocket.close()


supervised = PostludeMiddleware(app)
