"""The application of the supervision contract, on Litestar."""

from __future__ import annotations

from litestar import Litestar, Response, get
from litestar.exceptions import HTTPException
from postlude import current_tasks
from postlude.frameworks.litestar import BackgroundTask, BackgroundTasks
from tests.frameworks.probe import note, supervising, wait_for_gate


@get("/attached")
async def attached() -> Response[dict[str, str]]:
    return Response({}, background=BackgroundTask(wait_for_gate, "done"))


@get("/awaited")
async def awaited() -> Response[dict[str, str]]:
    tasks = BackgroundTasks([BackgroundTask(wait_for_gate, "done")])
    await tasks()
    return Response({}, background=tasks)


@get("/current", sync_to_thread=True)
def current() -> dict[str, str]:
    current_tasks().add_task(wait_for_gate, "done")
    return {}


@get("/raises")
async def raises() -> dict[str, str]:
    current_tasks().add_task(wait_for_gate, "done")
    raise HTTPException(status_code=418)


@get("/group")
async def group() -> Response[dict[str, str]]:
    tasks = BackgroundTasks([BackgroundTask(wait_for_gate, "1"), BackgroundTask(note, "2")])
    return Response({}, background=tasks)


# Litestar's own logging writes from a thread, and the signal may end it before the last lines.
app = supervising(Litestar([attached, awaited, current, raises, group], logging_config=None))
