"""The same application for each contender: `uvicorn tests.benchmarks.served:postlude`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import postlude as library
from fastapi import BackgroundTasks as FastAPITasks
from fastapi import FastAPI
from litestar import Litestar, get
from litestar.background_tasks import BackgroundTask as LitestarTask
from litestar.response import Response as LitestarResponse
from starlette.applications import Starlette
from starlette.background import BackgroundTask as StarletteTask
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from tests.benchmarks.work import WORK

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request


def _starlette(task: Callable[..., Any]) -> Starlette:
    def endpoint(kind: str) -> Callable[[Request], Any]:
        func, args = WORK[kind]

        async def answer(request: Request) -> PlainTextResponse:
            return PlainTextResponse("ok", background=task(func, *args))

        return answer

    async def no_task(request: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    def sync(request: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    def slow(request: Request) -> PlainTextResponse:
        func, args = WORK["slow"]
        return PlainTextResponse("ok", background=task(func, *args))

    routes = [Route(f"/{kind}", endpoint(kind)) for kind in WORK]
    plain = {"/no-task": no_task, "/sync": sync, "/sync-slow": slow}
    return Starlette(routes=[*routes, *(Route(path, func) for path, func in plain.items())])


starlette = _starlette(StarletteTask)
postlude = library.PostludeMiddleware(_starlette(library.BackgroundTask), library.TaskRunner())


def _fastapi() -> FastAPI:
    app = FastAPI()

    def add(kind: str) -> None:
        func, args = WORK[kind]

        async def answer(tasks: FastAPITasks) -> PlainTextResponse:
            tasks.add_task(func, *args)
            return PlainTextResponse("ok", background=tasks)

        app.add_api_route(f"/{kind}", answer)

    for kind in WORK:
        add(kind)

    def slow(tasks: FastAPITasks) -> PlainTextResponse:
        func, args = WORK["slow"]
        tasks.add_task(func, *args)
        return PlainTextResponse("ok", background=tasks)

    app.add_api_route("/sync", lambda: PlainTextResponse("ok"))
    app.add_api_route("/sync-slow", slow)
    return app


fastapi = _fastapi()


def _litestar() -> Litestar:
    def endpoint(kind: str) -> Any:
        func, args = WORK[kind]

        async def answer() -> LitestarResponse[str]:
            return LitestarResponse("ok", background=LitestarTask(func, *args))

        return get(f"/{kind}", media_type="text/plain", name=kind)(answer)

    def sync() -> str:
        return "ok"

    def slow() -> LitestarResponse[str]:
        func, args = WORK["slow"]
        return LitestarResponse("ok", background=LitestarTask(func, *args))

    plain = get("/sync", media_type="text/plain", sync_to_thread=True)(sync)
    busy = get("/sync-slow", media_type="text/plain", sync_to_thread=True)(slow)
    return Litestar([*map(endpoint, WORK), plain, busy], openapi_config=None)


litestar = _litestar()
