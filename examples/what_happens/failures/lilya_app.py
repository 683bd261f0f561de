"""Lilya: a task that fails."""

from examples.what_happens.told import tell
from lilya.apps import Lilya
from lilya.background import Task, Tasks
from lilya.requests import Request
from lilya.responses import JSONResponse

app = Lilya()


# --8<-- [start:fail]
async def fail() -> None:
    tell("the task runs")
    raise ValueError("boom")


# --8<-- [end:fail]
# --8<-- [start:order]
async def order(request: Request) -> JSONResponse:
    tell("the handler runs")
    return JSONResponse({"ok": True}, status_code=201, background=Task(fail))


app.add_route("/orders", order, methods=["POST"])


# --8<-- [end:order]
# --8<-- [start:handled]
async def answer_value_error(request: Request, error: Exception) -> JSONResponse:
    tell("the handler is called")
    return JSONResponse({"ok": False}, status_code=503)


handled = Lilya(exception_handlers={ValueError: answer_value_error})


async def handled_task(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=Task(fail))


handled.add_route("/handled", handled_task)


async def fail_now(request: Request) -> JSONResponse:
    raise ValueError("boom")


handled.add_route("/fails-itself", fail_now)


# --8<-- [end:handled]
# --8<-- [start:caught]
async def answer_any_error(request: Request, error: Exception) -> JSONResponse:
    tell("the handler is called")
    return JSONResponse({"ok": False}, status_code=503)


caught = Lilya(exception_handlers={Exception: answer_any_error})


async def caught_task(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=Task(fail))


caught.add_route("/caught", caught_task)


async def break_now(request: Request) -> JSONResponse:
    raise ValueError("boom")


caught.add_route("/fails-itself", break_now)


# --8<-- [end:caught]
# --8<-- [start:awaited]
async def awaited(request: Request) -> JSONResponse:
    try:
        await Task(fail)()
    except Exception as error:
        tell(f"the {type(error).__name__}")
    return JSONResponse({"ok": True})


app.add_route("/awaited", awaited)


# --8<-- [end:awaited]
# --8<-- [start:shared_group]
async def refresh() -> None:
    tell("the shared task runs")


shared = Tasks([Task(refresh)])


async def shared_group(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=shared)


app.add_route("/shared-group", shared_group)


# --8<-- [end:shared_group]
# --8<-- [start:greeting]
async def greet(name: str) -> None:
    tell(f"hello {name}")


async def greeting(request: Request) -> JSONResponse:
    names = request.query_params.getall("name", [])
    return JSONResponse({"ok": True}, background=Task(greet, *names))


app.add_route("/greeting", greeting)


# --8<-- [end:greeting]
