"""The application of the supervision contract, on Starlette."""

from __future__ import annotations

from postlude import current_tasks
from postlude.frameworks.starlette import BackgroundTask, BackgroundTasks
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.frameworks.probe import note, supervising, wait_for_gate


async def attached(request: Request) -> JSONResponse:
    return JSONResponse({}, background=BackgroundTask(wait_for_gate, "done"))


async def awaited(request: Request) -> JSONResponse:
    tasks = BackgroundTasks([BackgroundTask(wait_for_gate, "done")])
    await tasks()
    return JSONResponse({}, background=tasks)


def current(request: Request) -> JSONResponse:
    current_tasks().add_task(wait_for_gate, "done")
    return JSONResponse({})


async def raises(request: Request) -> JSONResponse:
    current_tasks().add_task(wait_for_gate, "done")
    raise HTTPException(418)


async def group(request: Request) -> JSONResponse:
    tasks = BackgroundTasks([BackgroundTask(wait_for_gate, "1"), BackgroundTask(note, "2")])
    return JSONResponse({}, background=tasks)


HANDLERS = [attached, awaited, current, raises, group]
app = supervising(Starlette(routes=[Route(f"/{each.__name__}", each) for each in HANDLERS]))
