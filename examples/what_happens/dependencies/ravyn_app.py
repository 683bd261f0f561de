"""Ravyn: tasks beside uploads."""

# Not all of its methods have types.
# pyright: reportUnknownMemberType=false

import asyncio
from typing import Any

from examples.what_happens.told import tell
from ravyn import File, Inject, JSONResponse, Ravyn, UploadFile, get, post
from ravyn.background import BackgroundTask, BackgroundTasks

app = Ravyn()


# --8<-- [start:upload]
async def read_upload(upload: UploadFile) -> None:
    await asyncio.sleep(0.5)
    try:
        tell(f"the task reads {len(await upload.read())} bytes")
    except Exception as error:
        tell(f"the task gets {type(error).__name__}")
    tell("task ends")


FROM_FORM: Any = File()


@post("/upload")
async def upload(data: UploadFile = FROM_FORM) -> JSONResponse:
    task = BackgroundTask(read_upload, data)
    return JSONResponse({"name": data.filename}, background=task)


app.add_route("/", upload)


# --8<-- [end:upload]
# --8<-- [start:group]
async def open_group() -> BackgroundTasks:
    tell("a dependency makes a group")
    return BackgroundTasks()


async def run_for(whom: str) -> None:
    tell(f"the task of {whom} runs")


async def count_visit(group: BackgroundTasks) -> int:
    group.add_task(run_for, "the other dependency")
    return 1


@get(
    "/group",
    dependencies={"group": Inject(open_group), "visits": Inject(count_visit)},
)
async def get_group(group: BackgroundTasks, visits: int) -> JSONResponse:
    group.add_task(run_for, "the handler")
    return JSONResponse({"ok": True}, background=group)


app.add_route("/", get_group)


# --8<-- [end:group]
# --8<-- [start:cached]
@get(
    "/cached/{number}",
    dependencies={"group": Inject(open_group, use_cache=True)},
)
async def get_cached(number: int, group: BackgroundTasks) -> JSONResponse:
    group.add_task(run_for, f"request {number}")
    return JSONResponse({"ok": True}, background=group)


app.add_route("/", get_cached)


# --8<-- [end:cached]
