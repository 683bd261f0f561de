"""The app that the pages of the corpus start."""

import asyncio
import signal
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route


async def hello(_: Request) -> Response:
    return PlainTextResponse("Hello", headers={"x-greeting": "hello"})


async def order(_: Request) -> Response:
    return JSONResponse({"id": 7, "state": "queued "})


async def text(_: Request) -> Response:
    return PlainTextResponse('{"id": 7}')


async def broken(_: Request) -> Response:
    return PlainTextResponse("", status_code=503)


async def say(_: Request) -> Response:
    print("said it")
    return PlainTextResponse("Hello")


async def never(request: Request) -> Response:
    await request.body()
    await request.receive()  # until the client has gone
    return PlainTextResponse("Nobody is there")


async def endless(_: Request) -> Response:
    async def chunks() -> AsyncIterator[str]:
        for _ in range(800):
            yield "Hello"
            await asyncio.sleep(0.01)

    return StreamingResponse(chunks())


async def deaf(_: Request) -> Response:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return PlainTextResponse("Hello")


views = (order, text, broken, say, never, endless, deaf)
app = Starlette(routes=[Route("/", hello), *(Route(f"/{view.__name__}", view) for view in views)])
