from collections.abc import AsyncIterator

from lilya.responses import FileResponse, PlainText, RedirectResponse, StreamingResponse
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, get, post


async def count(kind: str) -> None:
    print(f"counted: {kind}")


async def pages() -> AsyncIterator[str]:
    yield "page 1\n"
    yield "page 2\n"


@get("/text")
async def text() -> PlainText:
    return PlainText("hello", background=BackgroundTask(count, "text"))


@get("/stream")
async def stream() -> StreamingResponse:
    return StreamingResponse(pages(), background=BackgroundTask(count, "stream"))


@get("/file")
async def file() -> FileResponse:
    return FileResponse("receipt.json", background=BackgroundTask(count, "file"))


@get("/redirect")
async def redirect() -> RedirectResponse:
    task = BackgroundTask(count, "redirect")
    return RedirectResponse("/text", status_code=303, background=task)


@post("/bare")
async def bare() -> JSONResponse:
    return JSONResponse(
        {"status": "none given"}, background=BackgroundTask(count, "bare")
    )


@post("/ok")
async def ok() -> JSONResponse:
    task = BackgroundTask(count, "ok")
    return JSONResponse({"status": "200 given"}, status_code=200, background=task)


app = Ravyn(
    routes=[
        Gateway(handler=handler) for handler in (text, stream, file, redirect, bare, ok)
    ]
)
