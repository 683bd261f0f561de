from collections.abc import AsyncIterator

from litestar import Litestar, MediaType, Response, get, post
from litestar.response import File, Redirect, Stream
from postlude.frameworks.litestar import BackgroundTask


async def count(kind: str) -> None:
    print(f"counted: {kind}")


async def pages() -> AsyncIterator[str]:
    yield "page 1\n"
    yield "page 2\n"


@get("/text")
async def text() -> Response[str]:
    task = BackgroundTask(count, "text")
    return Response("hello", media_type=MediaType.TEXT, background=task)


@get("/stream")
async def stream() -> Stream:
    return Stream(pages(), background=BackgroundTask(count, "stream"))


@get("/file")
async def file() -> File:
    return File("receipt.json", background=BackgroundTask(count, "file"))


@get("/redirect", status_code=303)
async def redirect() -> Redirect:
    return Redirect(
        "/text", status_code=303, background=BackgroundTask(count, "redirect")
    )


@post("/bare")
async def bare() -> Response[dict[str, str]]:
    return Response({"status": "none given"}, background=BackgroundTask(count, "bare"))


@post("/ok")
async def ok() -> Response[dict[str, str]]:
    task = BackgroundTask(count, "ok")
    return Response({"status": "200 given"}, status_code=200, background=task)


app = Litestar([text, stream, file, redirect, bare, ok])
