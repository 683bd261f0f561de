"""The application of the supervision contract, on Lilya."""

from __future__ import annotations

from lilya.apps import Lilya
from lilya.exceptions import HTTPException
from lilya.responses import JSONResponse
from lilya.routing import Path
from postlude import current_tasks
from postlude.frameworks.lilya import BackgroundTask, BackgroundTasks
from tests.frameworks.probe import note, supervising, wait_for_gate


async def attached() -> JSONResponse:
    return JSONResponse({}, background=BackgroundTask(wait_for_gate, "done"))


async def awaited() -> JSONResponse:
    tasks = BackgroundTasks([BackgroundTask(wait_for_gate, "done")])
    await tasks()
    return JSONResponse({}, background=tasks)


def current() -> JSONResponse:
    current_tasks().add_task(wait_for_gate, "done")
    return JSONResponse({})


async def raises() -> JSONResponse:
    current_tasks().add_task(wait_for_gate, "done")
    raise HTTPException(status_code=418)


async def group() -> JSONResponse:
    tasks = BackgroundTasks([BackgroundTask(wait_for_gate, "1"), BackgroundTask(note, "2")])
    return JSONResponse({}, background=tasks)


HANDLERS = [attached, awaited, current, raises, group]
app = supervising(Lilya(routes=[Path(f"/{each.__name__}", each) for each in HANDLERS]))
