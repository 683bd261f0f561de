import time

import ravyn.background
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, get, post

reports: list[str] = []


def render() -> None:
    print("report begins\n", end="")
    time.sleep(1)
    print("report is done\n", end="")
    reports.append("sales of the month")


async def render_and_block() -> None:
    render()


@post("/reports/framework")
async def with_ravyn() -> JSONResponse:
    task = ravyn.background.BackgroundTask(render)
    return JSONResponse({"accepted": True}, status_code=202, background=task)


@post("/reports/postlude")
async def with_postlude() -> JSONResponse:
    task = BackgroundTask(render)
    return JSONResponse({"accepted": True}, status_code=202, background=task)


@post("/reports/blocking")
async def blocking() -> JSONResponse:
    task = BackgroundTask(render_and_block)
    return JSONResponse({"accepted": True}, status_code=202, background=task)


@get("/ping")
async def ping() -> dict[str, int]:
    done = len(reports)
    print("ping")
    return {"reports": done}


app = Ravyn(
    routes=[
        Gateway(handler=with_ravyn),
        Gateway(handler=with_postlude),
        Gateway(handler=blocking),
        Gateway(handler=ping),
    ]
)
