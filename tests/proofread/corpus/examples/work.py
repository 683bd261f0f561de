"""An app that works before its response, after it, or goes on alone."""

import asyncio

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


async def work() -> None:
    print("work begins")
    await asyncio.sleep(0.1)
    print("work ends")


async def before(_: Request) -> Response:
    await work()
    return PlainTextResponse("Hello")


async def after(_: Request) -> Response:
    return PlainTextResponse("Hello", background=BackgroundTask(work))


app = Starlette(routes=[Route(f"/{view.__name__}", view) for view in (before, after)])
