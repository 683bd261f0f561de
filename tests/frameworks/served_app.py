"""One application for every server: what a response can be, each with a task behind it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
from postlude import current_tasks
from postlude.frameworks.starlette import BackgroundTask, BackgroundTasks, after_response
from starlette.applications import Starlette
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from tests.frameworks.probe import LOG, note, note_async, supervising, wait_for_gate

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request
    from starlette.websockets import WebSocket


async def ready(request: Request) -> PlainTextResponse:
    return PlainTextResponse("ready")


async def attached(request: Request) -> JSONResponse:
    return JSONResponse({}, background=BackgroundTask(wait_for_gate, "done"))


async def group(request: Request) -> JSONResponse:
    tasks = BackgroundTasks([BackgroundTask(wait_for_gate, "1"), BackgroundTask(note, "2")])
    return JSONResponse({}, background=tasks)


async def plain(request: Request) -> JSONResponse:
    return JSONResponse({}, background=BackgroundTask(note_async, request.method))


async def file(request: Request) -> FileResponse:
    return FileResponse(__file__, background=BackgroundTask(note, "task"))


async def crash(request: Request) -> None:
    current_tasks().add_task(note, "task")
    raise RuntimeError("out of order")


async def slow(request: Request) -> JSONResponse:
    current_tasks().add_task(note, "task")
    note("begun")
    await wait_for_gate("handler")
    return JSONResponse({})


class Trailers:
    """Sends trailers where the server can, and the body as the last message where it cannot."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        can = "http.response.trailers" in scope.get("extensions", {})
        current_tasks().add_task(note, "task")
        start: dict[str, Any] = {
            "type": "http.response.start",
            "status": 200,
            "headers": [],
            "trailers": can,
        }
        await send(start)
        await send({"type": "http.response.body", "body": b"body"})
        if can:
            await anyio.sleep(0.05)
            note("trailers")
            headers = [(b"x-checksum", b"7")]
            await send({"type": "http.response.trailers", "headers": headers})


@after_response(BackgroundTask(note_async, "task"))
async def talk(socket: WebSocket) -> None:
    await socket.accept()
    while await socket.receive_text() != "close":
        await socket.send_text("still here")
    await socket.close()


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncGenerator[None]:
    with LOG.with_name("workers").open("a") as workers:
        workers.write("up\n")
    yield
    note("lifespan over")


app = supervising(
    Starlette(
        lifespan=lifespan,
        routes=[
            Route("/ready", ready),
            Route("/attached", attached),
            Route("/group", group),
            Route("/plain", plain, methods=["GET", "HEAD", "OPTIONS"]),
            Route("/file", file),
            Route("/crash", crash),
            Route("/slow", slow),
            Route("/trailers", Trailers()),
            WebSocketRoute("/socket", talk),
        ],
    )
)
