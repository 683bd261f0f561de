"""Velithon: a task that fails."""

# Its type stubs describe other arguments than its classes take.
# mypy: disable-error-code="arg-type, call-arg"
# pyright: reportArgumentType=false, reportCallIssue=false

from examples.what_happens.told import tell
from velithon import Velithon
from velithon.background import BackgroundTask, BackgroundTasks
from velithon.requests import Request
from velithon.responses import JSONResponse

app = Velithon()


# --8<-- [start:fail]
async def fail() -> None:
    tell("the task runs")
    raise ValueError("boom")


# --8<-- [end:fail]
# --8<-- [start:order]
@app.post("/orders")
async def order() -> JSONResponse:
    tell("the handler runs")
    return JSONResponse({"ok": True}, status_code=201, background=BackgroundTask(fail))


# --8<-- [end:order]
# --8<-- [start:awaited]
@app.get("/awaited")
async def awaited() -> JSONResponse:
    try:
        await BackgroundTask(fail)()
    except Exception as error:
        tell(f"the {type(error).__name__}")
    return JSONResponse({"ok": True})


# --8<-- [end:awaited]
# --8<-- [start:shared_group]
async def refresh() -> None:
    tell("the shared task runs")


shared = BackgroundTasks([BackgroundTask(refresh)])


@app.get("/shared-group")
async def shared_group() -> JSONResponse:
    return JSONResponse({"ok": True}, background=shared)


# --8<-- [end:shared_group]
# --8<-- [start:greeting]
async def greet(name: str) -> None:
    tell(f"hello {name}")


@app.get("/greeting")
async def greeting(request: Request) -> JSONResponse:
    names = request.query_params.getlist("name")
    return JSONResponse({"ok": True}, background=BackgroundTask(greet, (*names,)))


# --8<-- [end:greeting]
