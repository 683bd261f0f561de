"""Postlude on Starlette, without its middleware: answers of other kinds."""

from examples.what_happens.told import tell
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

app = Starlette()


# --8<-- [start:work]
async def work() -> None:
    tell("task runs")


# --8<-- [end:work]
# --8<-- [start:file]
async def file(request: Request) -> FileResponse:
    return FileResponse(__file__, background=BackgroundTask(work))


app.add_route("/file", file)


# --8<-- [end:file]
# --8<-- [start:any_method]
async def any_method(request: Request) -> PlainTextResponse:
    tell("handler runs")
    return PlainTextResponse("hello", background=BackgroundTask(work))


app.add_route("/any-method", any_method, methods=["GET", "HEAD", "OPTIONS"])


# --8<-- [end:any_method]
# --8<-- [start:status]
async def status(request: Request) -> Response:
    code = int(request.path_params["code"])
    return Response(status_code=code, background=BackgroundTask(work))


app.add_route("/status/{code}", status)


# --8<-- [end:status]
