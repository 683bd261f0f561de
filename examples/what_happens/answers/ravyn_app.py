"""Ravyn: answers of other kinds."""

# Not all of its methods have types.
# pyright: reportUnknownMemberType=false

from examples.what_happens.told import tell
from lilya.responses import FileResponse, Response
from ravyn import Ravyn, get, route
from ravyn.background import BackgroundTask

app = Ravyn()


# --8<-- [start:work]
async def work() -> None:
    tell("task runs")


# --8<-- [end:work]
# --8<-- [start:file]
@get("/file")
async def file() -> FileResponse:
    return FileResponse(__file__, background=BackgroundTask(work))


app.add_route("/", file)


# --8<-- [end:file]
# --8<-- [start:any_method]
METHODS = ["GET", "HEAD", "OPTIONS"]


@route("/any-method", methods=METHODS, background=BackgroundTask(work))
async def any_method() -> str:
    tell("handler runs")
    return "hello"


app.add_route("/", any_method)


# --8<-- [end:any_method]
# --8<-- [start:status]
@get("/status/{code}")
async def status(code: int) -> Response:
    return Response(status_code=code, background=BackgroundTask(work))


app.add_route("/", status)


# --8<-- [end:status]
