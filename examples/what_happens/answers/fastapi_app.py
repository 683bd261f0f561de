"""FastAPI: answers of other kinds."""

from examples.what_happens.told import tell
from fastapi import BackgroundTasks, FastAPI, Response
from fastapi.responses import FileResponse

app = FastAPI()


# --8<-- [start:work]
async def work() -> None:
    tell("task runs")


# --8<-- [end:work]
# --8<-- [start:file]
@app.get("/file")
async def file(tasks: BackgroundTasks) -> FileResponse:
    tasks.add_task(work)
    return FileResponse(__file__)


# --8<-- [end:file]
# --8<-- [start:any_method]
@app.api_route("/any-method", methods=["GET", "HEAD", "OPTIONS"])
async def any_method(tasks: BackgroundTasks) -> str:
    tell("handler runs")
    tasks.add_task(work)
    return "hello"


# --8<-- [end:any_method]
# --8<-- [start:status]
@app.get("/status/{code}")
async def status(code: int, tasks: BackgroundTasks) -> Response:
    tasks.add_task(work)
    return Response(status_code=code)


# --8<-- [end:status]
