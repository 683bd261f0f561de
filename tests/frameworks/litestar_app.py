"""The application of the contract, on Litestar."""

from __future__ import annotations

from typing import Any

import postlude
from litestar import Litestar, Response, WebSocket, get, websocket
from postlude.frameworks.litestar import BackgroundTask, BackgroundTasks, after_response
from tests.frameworks.probe import boom, note, note_async

KEPT = Response[dict[str, str]]({})


@get("/group", status_code=203)
async def group() -> Response[dict[str, str]]:
    tasks = BackgroundTasks()
    tasks.add_task(note_async, "first")
    tasks.add_task(boom, "hunter2")
    tasks.add_task(note, "second")
    tasks.add(BackgroundTask(note_async, "third"))
    return Response({}, background=tasks)


@get("/decorated", status_code=203)
@after_response(BackgroundTask(note_async, "handler"))
async def decorated() -> Response[dict[str, str]]:
    return Response({}, background=BackgroundTask(note, "response"))


@get("/kept", sync_to_thread=True, status_code=203)
@after_response(BackgroundTasks([BackgroundTask(note, "kept")]))
def kept() -> Response[dict[str, str]]:
    return KEPT


@get("/plain", status_code=203)
@after_response(BackgroundTask(note, "plain"))
async def plain() -> dict[str, str]:
    return {"plain": "value"}


ROUTE = BackgroundTasks([BackgroundTask(boom, "hunter2"), BackgroundTask(note, "route")])


@get("/handler", background=ROUTE, status_code=203)
async def handler() -> dict[str, str]:
    return {}


@websocket("/socket")
@after_response(BackgroundTask(note_async, "socket"))
async def talk(socket: WebSocket[Any, Any, Any]) -> None:
    await socket.accept()
    while await socket.receive_text() != "close":
        await socket.send_text("still here")
    await socket.close()


HANDLERS = [group, decorated, kept, plain, handler]
app = Litestar([*HANDLERS, talk])
supervised = postlude.PostludeMiddleware(app)
