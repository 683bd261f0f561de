"""The application of the contract, on Starlette."""

from __future__ import annotations

import postlude
from postlude.frameworks.starlette import BackgroundTask, BackgroundTasks, after_response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from tests.frameworks.probe import boom, note, note_async

KEPT = JSONResponse({})


async def group(request: Request) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(note_async, "first")
    tasks.add_task(boom, "hunter2")
    tasks.add_task(note, "second")
    tasks.add(BackgroundTask(note_async, "third"))
    return JSONResponse({}, background=tasks)


@after_response(BackgroundTask(note_async, "handler"))
async def decorated(request: Request) -> JSONResponse:
    return JSONResponse({}, background=BackgroundTask(note, "response"))


@after_response(BackgroundTasks([BackgroundTask(note, "kept")]))
def kept(request: Request) -> JSONResponse:
    return KEPT


@after_response(BackgroundTask(note, "plain"))
async def plain(request: Request) -> dict[str, str]:
    return {"plain": "value"}


@after_response(BackgroundTask(note_async, "socket"))
async def talk(socket: WebSocket) -> None:
    await socket.accept()
    while await socket.receive_text() != "close":
        await socket.send_text("still here")
    await socket.close()


app = Starlette(
    routes=[
        Route("/group", group),
        Route("/decorated", decorated),
        Route("/kept", kept),
        Route("/plain", plain),
        WebSocketRoute("/socket", talk),
    ]
)
supervised = postlude.PostludeMiddleware(app)
