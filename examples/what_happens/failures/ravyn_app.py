"""Ravyn: a task that fails."""

# Not all of its methods have types.
# pyright: reportUnknownMemberType=false

from examples.what_happens.told import tell
from ravyn import Gateway, JSONResponse, Ravyn, Request, Response, get, post
from ravyn.background import BackgroundTask, BackgroundTasks

app = Ravyn()


# --8<-- [start:fail]
async def fail() -> None:
    tell("the task runs")
    raise ValueError("boom")


# --8<-- [end:fail]
# --8<-- [start:order]
@post("/orders")
async def order() -> JSONResponse:
    tell("the handler runs")
    return JSONResponse({"ok": True}, status_code=201, background=BackgroundTask(fail))


app.add_route("/", order)


# --8<-- [end:order]
# --8<-- [start:handled]
def answer_value_error(request: Request, error: Exception) -> Response[dict[str, bool]]:
    tell("the handler is called")
    return Response({"ok": False}, status_code=503)


@get("/handled")
async def handled_task() -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(fail))


@get("/fails-itself")
async def fail_now() -> dict[str, bool]:
    raise ValueError("boom")


handled = Ravyn(
    routes=[Gateway(handler=handled_task), Gateway(handler=fail_now)],
    exception_handlers={ValueError: answer_value_error},
)


# --8<-- [end:handled]
# --8<-- [start:caught]
def answer_any_error(request: Request, error: Exception) -> Response[dict[str, bool]]:
    tell("the handler is called")
    return Response({"ok": False}, status_code=503)


@get("/caught", exception_handlers={Exception: answer_any_error})
async def caught_task() -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(fail))


@get("/fails-itself", exception_handlers={Exception: answer_any_error})
async def break_now() -> dict[str, bool]:
    raise ValueError("boom")


caught = Ravyn(routes=[Gateway(handler=caught_task), Gateway(handler=break_now)])


# --8<-- [end:caught]
# --8<-- [start:awaited]
@get("/awaited")
async def awaited() -> dict[str, bool]:
    try:
        await BackgroundTask(fail)()
    except Exception as error:
        tell(f"the {type(error).__name__}")
    return {"ok": True}


app.add_route("/", awaited)


# --8<-- [end:awaited]
# --8<-- [start:shared_group]
async def refresh() -> None:
    tell("the shared task runs")


shared = BackgroundTasks([BackgroundTask(refresh)])


@get("/shared-group", background=shared)
async def shared_group() -> dict[str, bool]:
    return {"ok": True}


app.add_route("/", shared_group)


# --8<-- [end:shared_group]
# --8<-- [start:greeting]
async def greet(name: str) -> None:
    tell(f"hello {name}")


@get("/greeting")
async def greeting(request: Request) -> JSONResponse:
    names = request.query_params.getall("name", [])
    return JSONResponse({"ok": True}, background=BackgroundTask(greet, *names))


app.add_route("/", greeting)


# --8<-- [end:greeting]
