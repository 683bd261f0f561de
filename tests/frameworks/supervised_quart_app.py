"""The application of the supervision contract, on Quart."""

from __future__ import annotations

from typing import Any

from postlude import BackgroundTask, BackgroundTasks, current_tasks
from postlude.frameworks.quart import PostludeExtension, after_response
from quart import Quart, abort
from tests.frameworks.probe import make_runner, note, wait_for_gate

app = Quart(__name__)
PostludeExtension(app, make_runner())


@app.get("/attached")
@after_response(BackgroundTask(wait_for_gate, "done"))
async def attached() -> dict[str, Any]:
    return {}


@app.get("/awaited")
async def awaited() -> dict[str, Any]:
    await BackgroundTasks([BackgroundTask(wait_for_gate, "done")])()
    return {}


@app.get("/current")
def current() -> dict[str, Any]:
    current_tasks().add_task(wait_for_gate, "done")
    return {}


@app.get("/raises")
async def raises() -> dict[str, Any]:
    current_tasks().add_task(wait_for_gate, "done")
    abort(418)


@app.get("/group")
@after_response(BackgroundTasks([BackgroundTask(wait_for_gate, "1"), BackgroundTask(note, "2")]))
async def group() -> dict[str, Any]:
    return {}


@app.after_serving
async def say_goodbye() -> None:
    note("application closed")
