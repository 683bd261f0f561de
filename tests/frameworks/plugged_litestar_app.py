"""The application of the supervision contract, on Litestar with the plugin."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from litestar import Litestar, get
from litestar.di import Provide
from litestar.exceptions import HTTPException
from postlude import BackgroundTasks, current_tasks
from postlude.frameworks.litestar import PostludePlugin
from tests.frameworks.probe import make_runner, note, wait_for_gate
from tests.frameworks.supervised_litestar_app import attached, awaited, current, group, raises

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


async def visited(tasks: BackgroundTasks) -> bool:
    tasks.add_task(note, "dependency")
    return tasks is current_tasks()


@get("/given/{answer:str}", dependencies={"visited": Provide(visited)})
async def given(answer: str, tasks: BackgroundTasks, visited: bool) -> dict[str, bool]:
    tasks.add_task(wait_for_gate, "handler")
    if answer == "error":
        raise HTTPException(status_code=418)
    return {"same": visited and tasks is current_tasks()}


@asynccontextmanager
async def database(_: Litestar) -> AsyncGenerator[None]:
    yield
    note("database closed")


app = Litestar(
    [attached, awaited, current, raises, group, given],
    plugins=[PostludePlugin(make_runner())],
    lifespan=[database],
    logging_config=None,
)
