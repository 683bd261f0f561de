"""FastAPI: a task that fails."""

from examples.what_happens.told import tell
from fastapi import BackgroundTasks, FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

app = FastAPI()


# --8<-- [start:fail]
async def fail() -> None:
    tell("the task runs")
    raise ValueError("boom")


# --8<-- [end:fail]
# --8<-- [start:order]
@app.post("/orders", status_code=201)
async def order(tasks: BackgroundTasks) -> dict[str, bool]:
    tell("the handler runs")
    tasks.add_task(fail)
    return {"ok": True}


# --8<-- [end:order]
# --8<-- [start:handled]
handled = FastAPI()


@handled.exception_handler(ValueError)
async def answer_value_error(request: Request, error: Exception) -> JSONResponse:
    tell("the handler is called")
    return JSONResponse({"ok": False}, status_code=503)


@handled.get("/handled")
async def handled_task(tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(fail)
    return {"ok": True}


@handled.get("/fails-itself")
async def fail_now() -> dict[str, bool]:
    raise ValueError("boom")


# --8<-- [end:handled]
# --8<-- [start:caught]
caught = FastAPI()


@caught.exception_handler(Exception)
async def answer_any_error(request: Request, error: Exception) -> JSONResponse:
    tell("the handler is called")
    return JSONResponse({"ok": False}, status_code=503)


@caught.get("/caught")
async def caught_task(tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(fail)
    return {"ok": True}


@caught.get("/fails-itself")
async def break_now() -> dict[str, bool]:
    raise ValueError("boom")


# --8<-- [end:caught]
# --8<-- [start:awaited]
@app.get("/awaited")
async def awaited() -> dict[str, bool]:
    try:
        await BackgroundTask(fail)()
    except Exception as error:
        tell(f"the {type(error).__name__}")
    return {"ok": True}


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
async def greeting(request: Request, tasks: BackgroundTasks) -> dict[str, bool]:
    names = request.query_params.getlist("name")
    tasks.add_task(greet, *names)
    return {"ok": True}


# --8<-- [end:greeting]
