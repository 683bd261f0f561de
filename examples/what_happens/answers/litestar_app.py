"""Litestar: answers of other kinds."""

from examples.what_happens.told import tell
from litestar import HttpMethod, Litestar, Response, get, route
from litestar.background_tasks import BackgroundTask
from litestar.response import File

app = Litestar()


# --8<-- [start:work]
async def work() -> None:
    tell("task runs")


# --8<-- [end:work]
# --8<-- [start:file]
@get("/file")
async def file() -> File:
    return File(__file__, background=BackgroundTask(work))


app.register(file)


# --8<-- [end:file]
# --8<-- [start:any_method]
METHODS = [HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS]


@route("/any-method", http_method=METHODS, background=BackgroundTask(work))
async def any_method() -> str:
    tell("handler runs")
    return "hello"


app.register(any_method)


# --8<-- [end:any_method]
# --8<-- [start:status]
@get("/status/{code:int}")
async def status(code: int) -> Response[None]:
    return Response(None, status_code=code, background=BackgroundTask(work))


app.register(status)


# --8<-- [end:status]
