"""The application of the contract, on Lilya."""

from __future__ import annotations

import anyio.from_thread
import postlude
from lilya.apps import Lilya
from lilya.responses import JSONResponse
from lilya.routing import Path, WebSocketPath
from lilya.websockets import WebSocket
from postlude.frameworks.lilya import BackgroundTask, BackgroundTasks, after_response
from tests.frameworks.probe import boom, note, note_async, wait_for_gate

KEPT = JSONResponse({})


async def single() -> JSONResponse:
    return JSONResponse({}, background=BackgroundTask(wait_for_gate, "done"))


def single_def() -> JSONResponse:
    return JSONResponse(
        {}, background=BackgroundTask(lambda: anyio.from_thread.run(wait_for_gate, "done"))
    )


async def generic() -> JSONResponse:
    task = postlude.BackgroundTask(wait_for_gate, "done")
    return JSONResponse({}, background=task)  # type: ignore[arg-type]  # pyright: ignore


async def generic_group() -> JSONResponse:
    tasks = postlude.BackgroundTasks()
    tasks.add_task(wait_for_gate, "done")
    return JSONResponse({}, background=tasks)  # type: ignore[arg-type]  # pyright: ignore


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
        Path("/single", single),
        Path("/single-def", single_def),
        Path("/generic", generic),
        Path("/generic-group", generic_group),
        Path("/group", group),
        Path("/decorated", decorated),
        Path("/kept", kept),
        Path("/plain", plain),
        WebSocketPath("/socket", talk),
    ]
)
supervised = postlude.PostludeMiddleware(app)
