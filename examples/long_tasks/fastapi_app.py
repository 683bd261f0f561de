import time

import fastapi
from fastapi.responses import JSONResponse
from postlude.frameworks.fastapi import BackgroundTask

app = fastapi.FastAPI()
reports: list[str] = []


def render() -> None:
    print("report begins\n", end="")
    time.sleep(1)
    print("report is done\n", end="")
    reports.append("sales of the month")


async def render_and_block() -> None:
    render()


@app.post("/reports/framework", status_code=202)
async def with_fastapi(tasks: fastapi.BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(render)
    return {"accepted": True}


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
