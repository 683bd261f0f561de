"""The application of the contract, on Quart."""

from __future__ import annotations

from typing import Any

from postlude import BackgroundTask, BackgroundTasks, current_tasks
from postlude.frameworks.quart import PostludeExtension, after_response
from quart import Quart, websocket
from tests.frameworks.probe import boom, note, note_async

app = Quart(__name__)
PostludeExtension(app)
KEPT: Any = app.response_class("{}")


@app.get("/group")
async def group() -> dict[str, str]:
    tasks = BackgroundTasks()
    tasks.add_task(note_async, "first")
    tasks.add_task(boom, "hunter2")
    tasks.add_task(note, "second")
    tasks.add(BackgroundTask(note_async, "third"))
    current_tasks().add_task(tasks)
    return {}


@app.get("/decorated")
@after_response(BackgroundTask(note, "response"))
async def decorated() -> dict[str, str]:
    current_tasks().add_task(note_async, "handler")
    return {}


@app.get("/kept")
@after_response(BackgroundTasks([BackgroundTask(note, "kept")]))
def kept() -> Any:
    return KEPT


@app.get("/plain")
@after_response(BackgroundTask(note, "plain"))
async def plain() -> dict[str, str]:
    return {"plain": "value"}


@app.websocket("/socket")
@after_response(BackgroundTask(note_async, "socket"))
async def talk() -> None:
    socket: Any = websocket
    await socket.accept()
    while await socket.receive() != "close":
        await socket.send("still here")
    await socket.close(1000)
