from collections.abc import AsyncIterator

from postlude.frameworks.velithon import BackgroundTask
from velithon import Velithon
from velithon.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    StreamingResponse,
)

app = Velithon()


class Stream(StreamingResponse):
    body = b""


async def count(kind: str) -> None:
    print(f"counted: {kind}")


async def pages() -> AsyncIterator[str]:
    yield "page 1\n"
    yield "page 2\n"


@app.get("/text")
async def text() -> PlainTextResponse:
    return PlainTextResponse("hello", background=BackgroundTask(count, "text"))


@app.get("/stream")
async def stream() -> Stream:
    return Stream(pages(), background=BackgroundTask(count, "stream"))


@app.get("/file")
async def file() -> FileResponse:
    return FileResponse("receipt.json", background=BackgroundTask(count, "file"))


@app.get("/redirect")
async def redirect() -> RedirectResponse:
    task = BackgroundTask(count, "redirect")
    return RedirectResponse("/text", status_code=303, background=task)


@app.post("/bare")
async def bare() -> JSONResponse:
    return JSONResponse(
        {"status": "none given"}, background=BackgroundTask(count, "bare")
    )


@app.post("/ok")
async def ok() -> JSONResponse:
    task = BackgroundTask(count, "ok")
    return JSONResponse({"status": "200 given"}, status_code=200, background=task)
