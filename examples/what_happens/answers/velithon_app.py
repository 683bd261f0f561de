"""Velithon: answers of other kinds."""

# Its type stubs describe other arguments than its classes take.
# mypy: disable-error-code="arg-type, call-arg"
# pyright: reportArgumentType=false, reportCallIssue=false

from typing import Annotated

from examples.what_happens.told import tell
from velithon import Velithon
from velithon.background import BackgroundTask
from velithon.params import Path
from velithon.responses import FileResponse, PlainTextResponse, Response

app = Velithon()


# --8<-- [start:work]
async def work() -> None:
    tell("task runs")


# --8<-- [end:work]
# --8<-- [start:file]
@app.get("/file")
async def file() -> FileResponse:
    return FileResponse(__file__, background=BackgroundTask(work))


# --8<-- [end:file]
# --8<-- [start:any_method]
@app.route("/any-method", methods=["GET", "HEAD", "OPTIONS"])
async def any_method() -> PlainTextResponse:
    tell("handler runs")
    return PlainTextResponse("hello", background=BackgroundTask(work))


# --8<-- [end:any_method]
# --8<-- [start:status]
@app.get("/status/{code}")
async def status(code: Annotated[int, Path()]) -> Response:
    return Response(status_code=code, background=BackgroundTask(work))


# --8<-- [end:status]
