"""Postlude on Starlette, without its middleware: a task that fails."""

from examples.what_happens.told import tell
from postlude import Failed
from postlude.frameworks.starlette import BackgroundTask, BackgroundTasks
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse

app = Starlette()


# --8<-- [start:fail]
async def fail() -> None:
    tell("the task runs")
    raise ValueError("boom")


# --8<-- [end:fail]
# --8<-- [start:order]
async def order(request: Request) -> JSONResponse:
    tell("the handler runs")
    return JSONResponse({"ok": True}, status_code=201, background=BackgroundTask(fail))


app.add_route("/orders", order, methods=["POST"])


# --8<-- [end:order]
# --8<-- [start:handled]
async def answer_value_error(request: Request, error: Exception) -> JSONResponse:
    tell("the handler is called")
    return JSONResponse({"ok": False}, status_code=503)


handled = Starlette(exception_handlers={ValueError: answer_value_error})


async def handled_task(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(fail))


handled.add_route("/handled", handled_task)


async def fail_now(request: Request) -> JSONResponse:
    raise ValueError("boom")


handled.add_route("/fails-itself", fail_now)


# --8<-- [end:handled]
# --8<-- [start:caught]
async def answer_any_error(request: Request, error: Exception) -> JSONResponse:
    tell("the handler is called")
    return JSONResponse({"ok": False}, status_code=503)


caught = Starlette(exception_handlers={Exception: answer_any_error})


async def caught_task(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(fail))


caught.add_route("/caught", caught_task)


async def break_now(request: Request) -> JSONResponse:
    raise ValueError("boom")


caught.add_route("/fails-itself", break_now)


# --8<-- [end:caught]
# --8<-- [start:awaited]
async def awaited(request: Request) -> JSONResponse:
    outcome = await BackgroundTask(fail).run()
    if isinstance(outcome, Failed):
        tell(f"an outcome with the {type(outcome.error).__name__}")
    return JSONResponse({"ok": True})


app.add_route("/awaited", awaited)


# --8<-- [end:awaited]
# --8<-- [start:shared_group]
async def refresh() -> None:
    tell("the shared task runs")


shared = BackgroundTasks([BackgroundTask(refresh)])


async def shared_group(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=shared)


app.add_route("/shared-group", shared_group)


# --8<-- [end:shared_group]
# --8<-- [start:greeting]
async def greet(name: str) -> None:
    tell(f"hello {name}")


async def greeting(request: Request) -> JSONResponse:
    names = request.query_params.getlist("name")
    return JSONResponse({"ok": True}, background=BackgroundTask(greet, *names))


app.add_route("/greeting", greeting)


# --8<-- [end:greeting]
