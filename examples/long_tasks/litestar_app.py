import time

import litestar.background_tasks
from litestar import Litestar, Response, get, post
from postlude.frameworks.litestar import BackgroundTask

reports: list[str] = []


def render() -> None:
    print("report begins\n", end="")
    time.sleep(1)
    print("report is done\n", end="")
    reports.append("sales of the month")


async def render_and_block() -> None:
    render()


@post("/reports/framework")
async def with_litestar() -> Response[dict[str, bool]]:
    task = litestar.background_tasks.BackgroundTask(render)
    return Response({"accepted": True}, status_code=202, background=task)


@post("/reports/postlude")
async def with_postlude() -> Response[dict[str, bool]]:
    task = BackgroundTask(render)
    return Response({"accepted": True}, status_code=202, background=task)


@post("/reports/blocking")
async def blocking() -> Response[dict[str, bool]]:
    task = BackgroundTask(render_and_block)
    return Response({"accepted": True}, status_code=202, background=task)


@get("/ping")
async def ping() -> dict[str, int]:
    done = len(reports)
    print("ping")
    return {"reports": done}


app = Litestar([with_litestar, with_postlude, blocking, ping])
