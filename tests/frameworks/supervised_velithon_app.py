"""The application of the supervision contract, on Velithon."""

from postlude import current_tasks
from postlude.frameworks.velithon import BackgroundTask, BackgroundTasks, PostludeMiddleware
from tests.frameworks.probe import make_runner, note, wait_for_gate
from velithon import Velithon
from velithon.responses import JSONResponse

api = Velithon(openapi_url=None)


@api.get("/attached")
async def attached() -> JSONResponse:
    return JSONResponse({}, background=BackgroundTask(wait_for_gate, "done"))


@api.get("/awaited")
async def awaited() -> JSONResponse:
    tasks = BackgroundTasks([BackgroundTask(wait_for_gate, "done")])
    await tasks()
    return JSONResponse({}, background=tasks)


@api.get("/current")
async def current() -> JSONResponse:
    current_tasks().add_task(wait_for_gate, "done")
    return JSONResponse({})


@api.get("/raises")
async def raises() -> JSONResponse:
    """Answer with an error; what raises, Velithon runs twice."""
    current_tasks().add_task(wait_for_gate, "done")
    return JSONResponse({}, status_code=418)


@api.get("/group")
async def group() -> JSONResponse:
    tasks = BackgroundTasks([BackgroundTask(wait_for_gate, "1"), BackgroundTask(note, "2")])
    return JSONResponse({}, background=tasks)


@api.on_shutdown()  # type: ignore[func-returns-value, misc]  # annotated as if it gave nothing
async def say_goodbye() -> None:
    note("application closed")


app = PostludeMiddleware(api, make_runner())
