"""The application of the supervision contract, on FastAPI, with traps of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import BackgroundTasks as Injected
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from postlude import current_tasks
from postlude.frameworks.fastapi import BackgroundTask, BackgroundTasks
from tests.frameworks.probe import note, supervising, wait_for_gate

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

KEPT = JSONResponse({})
api = FastAPI()


@api.get("/attached")
async def attached() -> JSONResponse:
    return JSONResponse({}, background=BackgroundTask(wait_for_gate, "done"))


@api.get("/awaited")
async def awaited() -> JSONResponse:
    tasks = BackgroundTasks([BackgroundTask(wait_for_gate, "done")])
    await tasks()
    return JSONResponse({}, background=tasks)


@api.get("/current")
def current() -> dict[str, str]:
    current_tasks().add_task(wait_for_gate, "done")
    return {}


@api.get("/raises")
async def raises() -> None:
    current_tasks().add_task(wait_for_gate, "done")
    raise HTTPException(418)


@api.get("/group")
async def group() -> JSONResponse:
    tasks = BackgroundTasks([BackgroundTask(wait_for_gate, "1"), BackgroundTask(note, "2")])
    return JSONResponse({}, background=tasks)


async def session() -> AsyncGenerator[str]:
    yield "session"
    note("session closed")


@api.get("/session")
async def with_session(native: Injected, _: Annotated[str, Depends(session)]) -> dict[str, str]:
    native.add_task(BackgroundTask(wait_for_gate, "done"))
    return {}


@api.get("/own-response")
async def own_response() -> JSONResponse:
    current_tasks().add_task(note, "current")
    return JSONResponse({}, background=BackgroundTask(note, "response"))


@api.get("/kept/{number}")
async def kept(number: int) -> JSONResponse:
    current_tasks().add_task(note, f"request {number}")
    return KEPT


@api.get("/native-awaited")
async def native_awaited(native: Injected) -> dict[str, str]:
    native.add_task(BackgroundTask(note, "done"))
    await native()
    return {}


@api.get("/crashes")
async def crashes() -> None:
    current_tasks().add_task(note, "done")
    raise RuntimeError("out of order")


app = supervising(api)
