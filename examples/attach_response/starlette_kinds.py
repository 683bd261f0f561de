from collections.abc import AsyncIterator

from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    StreamingResponse,
)
from starlette.routing import Route


async def count(kind: str) -> None:
    print(f"counted: {kind}")


async def pages() -> AsyncIterator[str]:
    yield "page 1\n"
    yield "page 2\n"


async def text(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello", background=BackgroundTask(count, "text"))


async def stream(_: Request) -> StreamingResponse:
    return StreamingResponse(pages(), background=BackgroundTask(count, "stream"))


async def file(_: Request) -> FileResponse:
    return FileResponse("receipt.json", background=BackgroundTask(count, "file"))


async def redirect(_: Request) -> RedirectResponse:
    task = BackgroundTask(count, "redirect")
    return RedirectResponse("/text", status_code=303, background=task)


async def bare(_: Request) -> JSONResponse:
    return JSONResponse(
        {"status": "none given"}, background=BackgroundTask(count, "bare")
    )


async def ok(_: Request) -> JSONResponse:
    task = BackgroundTask(count, "ok")
    return JSONResponse({"status": "200 given"}, status_code=200, background=task)


app = Starlette(
    routes=[
        Route("/text", text),
        Route("/stream", stream),
        Route("/file", file),
        Route("/redirect", redirect),
        Route("/bare", bare, methods=["POST"]),
        Route("/ok", ok, methods=["POST"]),
    ]
)
