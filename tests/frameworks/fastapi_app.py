"""The application of the contract, on FastAPI."""

from __future__ import annotations

import anyio.from_thread
import postlude
from fastapi import BackgroundTasks as Injected
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from postlude.frameworks.fastapi import BackgroundTask, BackgroundTasks, after_response
from tests.frameworks.probe import boom, note, note_async, wait_for_gate

KEPT = JSONResponse({})
app = FastAPI()


@app.get("/single")
async def single() -> JSONResponse:
    return JSONResponse({}, background=BackgroundTask(wait_for_gate, "done"))


@app.get("/single-def")
def single_def() -> JSONResponse:
    return JSONResponse(
        {}, background=BackgroundTask(lambda: anyio.from_thread.run(wait_for_gate, "done"))
    )


@app.get("/generic")
async def generic() -> JSONResponse:
    task = postlude.BackgroundTask(wait_for_gate, "done")
    return JSONResponse({}, background=task)  # type: ignore[arg-type]  # pyright: ignore


@app.get("/generic-group")
async def generic_group() -> JSONResponse:
    tasks = postlude.BackgroundTasks()
    tasks.add_task(wait_for_gate, "done")
    return JSONResponse({}, background=tasks)  # type: ignore[arg-type]  # pyright: ignore


@app.get("/group")
async def group() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(note_async, "first")
    tasks.add_task(boom, "hunter2")
    tasks.add_task(note, "second")
    tasks.add(BackgroundTask(note_async, "third"))
    return JSONResponse({}, background=tasks)


@app.get("/decorated")
@after_response(BackgroundTask(note_async, "handler"))
async def decorated() -> JSONResponse:
    return JSONResponse({}, background=BackgroundTask(note, "response"))


@app.get("/kept")
@after_response(BackgroundTasks([BackgroundTask(note, "kept")]))
def kept() -> JSONResponse:
    return KEPT


@app.get("/plain")
@after_response(BackgroundTask(note, "plain"))
async def plain() -> dict[str, str]:
    return {"plain": "value"}


@app.get("/injected")
@after_response(BackgroundTask(note, "decorator"))
def injected(native: Injected, number: int = 1) -> dict[str, int]:
    tasks = BackgroundTasks()
    tasks.add_task(boom, "hunter2")
    tasks.add_task(note, "group")
    native.add_task(tasks)
    native.add_task(BackgroundTask(note_async, "task"))
    native.add_task(note, "function")
    return {"number": number}


@app.get("/both")
@after_response(BackgroundTask(note, "decorator"))
async def both() -> JSONResponse:
    tasks = BackgroundTasks([BackgroundTask(note, "response")])
    return JSONResponse({}, background=tasks)


supervised = postlude.PostludeMiddleware(app)
