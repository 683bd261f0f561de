"""Postlude on Starlette, without its middleware: several tasks of one response."""

import asyncio

from examples.what_happens.told import tell
from postlude.frameworks.starlette import BackgroundTasks
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse

app = Starlette()


# --8<-- [start:steps]
async def step(name: str) -> None:
    tell(f"{name} starts")
    await asyncio.sleep(0.1)
    tell(f"{name} ends")


async def fail() -> None:
    tell("the first fails")
    raise RuntimeError("boom")


# --8<-- [end:steps]
# --8<-- [start:first_fails]
async def first_fails(request: Request) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(fail)
    tasks.add_task(step, "the second")
    return JSONResponse({"ok": True}, background=tasks)


app.add_route("/first-fails", first_fails)
# --8<-- [end:first_fails]
