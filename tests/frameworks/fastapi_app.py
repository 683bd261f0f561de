"""The application of the contract, on FastAPI."""

from __future__ import annotations

from typing import Annotated, Any

import postlude
from fastapi import BackgroundTasks as Injected
from fastapi import Depends, FastAPI, HTTPException, WebSocket
from fastapi.responses import JSONResponse
from postlude.frameworks.fastapi import BackgroundTask, BackgroundTasks, Tasks, after_response
from tests.frameworks.probe import boom, note, note_async, wait_for_gate

KEPT = JSONResponse({})
app = FastAPI()


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
def kept() -> JSONResponse:
    return KEPT


@app.get("/plain")
@after_response(BackgroundTask(note, "plain"))
async def plain() -> dict[str, str]:
    return {"plain": "value"}


@app.get("/injected")
@after_response(BackgroundTask(note, "decorator"))
def injected(native: Injected, number: int = 1) -> dict[str, int]:
    tasks = BackgroundTasks()
    tasks.add_task(boom, "hunter2")
    tasks.add_task(note, "group")
    native.add_task(tasks)
    native.add_task(BackgroundTask(note_async, "task"))
    native.add_task(note, "function")
    return {"number": number}


@app.get("/both")
@after_response(BackgroundTask(note, "decorator"))
async def both() -> JSONResponse:
    tasks = BackgroundTasks([BackgroundTask(note, "response")])
    return JSONResponse({}, background=tasks)


def visited(tasks: Tasks) -> postlude.BackgroundTasks:
    tasks.add_task(note, "dependency")
    return tasks


Visited = Annotated[postlude.BackgroundTasks, Depends(visited)]


@app.get("/given/{answer}")
async def given(answer: str, tasks: Tasks, same: Visited, native: Injected) -> Any:
    assert tasks is same
    native.add_task(note, "native")
    tasks.add_task(boom, "hunter2")
    tasks.add_task(wait_for_gate, "handler")
    if answer == "error":
        raise HTTPException(418)
    own = BackgroundTask(note_async, "own")
    return JSONResponse({}, background=own) if answer == "response" else {}


@app.websocket("/given-socket")
async def talk_with_tasks(socket: WebSocket, tasks: Tasks) -> None:
    tasks.add_task(note, "socket")
    await socket.accept()
    await socket.close()


@app.websocket("/socket")
@after_response(BackgroundTask(note_async, "socket"))
async def talk(socket: WebSocket) -> None:
    await socket.accept()
    while await socket.receive_text() != "close":
        await socket.send_text("still here")
    await socket.close()


supervised = postlude.PostludeMiddleware(app)
