"""Litestar: a task that fails."""

from examples.what_happens.told import tell
from litestar import Litestar, Request, Response, get, post
from litestar.background_tasks import BackgroundTask, BackgroundTasks
from litestar.datastructures import State

app = Litestar()


# --8<-- [start:fail]
async def fail() -> None:
    tell("the task runs")
    raise ValueError("boom")


# --8<-- [end:fail]
# --8<-- [start:order]
@post("/orders")
async def order() -> Response[dict[str, bool]]:
    tell("the handler runs")
    return Response({"ok": True}, status_code=201, background=BackgroundTask(fail))


app.register(order)


# --8<-- [end:order]
# --8<-- [start:handled]
def answer_value_error(
    request: Request[None, None, State], error: Exception
) -> Response[dict[str, bool]]:
    tell("the handler is called")
    return Response({"ok": False}, status_code=503)


@get("/handled")
async def handled_task() -> Response[dict[str, bool]]:
    return Response({"ok": True}, background=BackgroundTask(fail))


@get("/fails-itself")
async def fail_now() -> dict[str, bool]:
    raise ValueError("boom")


handled = Litestar(
    [handled_task, fail_now], exception_handlers={ValueError: answer_value_error}
)


# --8<-- [end:handled]
# --8<-- [start:caught]
def answer_any_error(
    request: Request[None, None, State], error: Exception
) -> Response[dict[str, bool]]:
    tell("the handler is called")
    return Response({"ok": False}, status_code=503)


@get("/caught")
async def caught_task() -> Response[dict[str, bool]]:
    return Response({"ok": True}, background=BackgroundTask(fail))


@get("/fails-itself")
async def break_now() -> dict[str, bool]:
    raise ValueError("boom")


caught = Litestar(
    [caught_task, break_now], exception_handlers={Exception: answer_any_error}
)


# --8<-- [end:caught]
# --8<-- [start:awaited]
@get("/awaited")
async def awaited() -> dict[str, bool]:
    try:
        await BackgroundTask(fail)()
    except Exception as error:
        tell(f"the {type(error).__name__}")
    return {"ok": True}


app.register(awaited)


# --8<-- [end:awaited]
# --8<-- [start:shared_group]
async def refresh() -> None:
    tell("the shared task runs")


shared = BackgroundTasks([BackgroundTask(refresh)])


@get("/shared-group", background=shared)
async def shared_group() -> dict[str, bool]:
    return {"ok": True}


app.register(shared_group)


# --8<-- [end:shared_group]
# --8<-- [start:greeting]
async def greet(name: str) -> None:
    tell(f"hello {name}")


@get("/greeting")
async def greeting(request: Request[None, None, State]) -> Response[dict[str, bool]]:
    names = request.query_params.getall("name", [])
    return Response({"ok": True}, background=BackgroundTask(greet, *names))


app.register(greeting)


# --8<-- [end:greeting]
