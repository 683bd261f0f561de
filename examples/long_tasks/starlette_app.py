import time

import starlette.background
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

reports: list[str] = []


def render() -> None:
    print("report begins\n", end="")
    time.sleep(1)
    print("report is done\n", end="")
    reports.append("sales of the month")


async def render_and_block() -> None:
    render()


async def with_starlette(request: Request) -> JSONResponse:
    task = starlette.background.BackgroundTask(render)
    return JSONResponse({"accepted": True}, status_code=202, background=task)


async def with_postlude(request: Request) -> JSONResponse:
    task = BackgroundTask(render)
    return JSONResponse({"accepted": True}, status_code=202, background=task)


async def blocking(request: Request) -> JSONResponse:
    task = BackgroundTask(render_and_block)
    return JSONResponse({"accepted": True}, status_code=202, background=task)


async def ping(request: Request) -> JSONResponse:
    done = len(reports)
    print("ping")
    return JSONResponse({"reports": done})


app = Starlette(
    routes=[
        Route("/reports/framework", with_starlette, methods=["POST"]),
        Route("/reports/postlude", with_postlude, methods=["POST"]),
        Route("/reports/blocking", blocking, methods=["POST"]),
        Route("/ping", ping),
    ]
)
