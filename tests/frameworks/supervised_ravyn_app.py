"""The application of the supervision contract, on Ravyn."""

# Ravyn's route decorators carry no types.
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from postlude import current_tasks
from postlude.frameworks.ravyn import BackgroundTask, BackgroundTasks
from ravyn import Gateway, HTTPException, JSONResponse, Ravyn, get
from tests.frameworks.probe import note, supervising, wait_for_gate


@get("/attached")
async def attached() -> JSONResponse:
    return JSONResponse({}, background=BackgroundTask(wait_for_gate, "done"))


@get("/awaited")
async def awaited() -> JSONResponse:
    tasks = BackgroundTasks([BackgroundTask(wait_for_gate, "done")])
    await tasks()
    return JSONResponse({}, background=tasks)


@get("/current")
def current() -> JSONResponse:
    current_tasks().add_task(wait_for_gate, "done")
    return JSONResponse({})


@get("/raises")
async def raises() -> JSONResponse:
    current_tasks().add_task(wait_for_gate, "done")
    raise HTTPException(status_code=418)


@get("/group")
async def group() -> JSONResponse:
    tasks = BackgroundTasks([BackgroundTask(wait_for_gate, "1"), BackgroundTask(note, "2")])
    return JSONResponse({}, background=tasks)


HANDLERS = [attached, awaited, current, raises, group]
app = supervising(Ravyn(routes=[Gateway(handler=each) for each in HANDLERS]))
