import time
from typing import Any

import velithon.background
from postlude.frameworks.velithon import BackgroundTask
from velithon import Velithon
from velithon.responses import JSONResponse

app = Velithon()
reports: list[str] = []


def render() -> None:
    print("report begins\n", end="")
    time.sleep(1)
    print("report is done\n", end="")
    reports.append("sales of the month")


async def render_and_block() -> None:
    render()


@app.post("/reports/framework")
async def with_velithon() -> JSONResponse:
    tasks: Any = velithon.background.BackgroundTasks()
    tasks.add_task(render)
    return JSONResponse({"accepted": True}, status_code=202, background=tasks)


@app.post("/reports/postlude")
async def with_postlude() -> JSONResponse:
    task = BackgroundTask(render)
    return JSONResponse({"accepted": True}, status_code=202, background=task)


@app.post("/reports/blocking")
async def blocking() -> JSONResponse:
    task = BackgroundTask(render_and_block)
    return JSONResponse({"accepted": True}, status_code=202, background=task)


@app.get("/ping")
async def ping() -> dict[str, int]:
    done = len(reports)
    print("ping")
    return {"reports": done}
