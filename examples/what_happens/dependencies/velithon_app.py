"""Velithon: tasks beside uploads."""

# Its type stubs describe other arguments than its classes take.
# mypy: disable-error-code="arg-type, call-arg, misc, no-untyped-call"
# pyright: reportArgumentType=false, reportCallIssue=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

import asyncio
from typing import Annotated, Any

from examples.what_happens.told import tell
from velithon import Velithon
from velithon.background import BackgroundTask, BackgroundTasks
from velithon.datastructures import UploadFile
from velithon.di import (
    FactoryProvider,
    Provide,
    ServiceContainer,
    SingletonProvider,
    inject,
)
from velithon.params import File, Path
from velithon.responses import JSONResponse

app = Velithon()


# --8<-- [start:upload]
async def read_upload(upload: UploadFile) -> None:
    await asyncio.sleep(0.5)
    try:
        tell(f"the task reads {len(upload.read(upload.size))} bytes")
    except Exception as error:
        tell(f"the task gets {type(error).__name__}")
    tell("task ends")


@app.post("/upload")
async def upload(data: Annotated[UploadFile, File()]) -> JSONResponse:
    task = BackgroundTask(read_upload, (data,))
    return JSONResponse({"name": data.filename}, background=task)


# --8<-- [end:upload]
# --8<-- [start:group]
def open_group() -> BackgroundTasks:
    tell("a dependency makes a group")
    return BackgroundTasks()


async def run_for(whom: str) -> None:
    tell(f"the task of {whom} runs")


def count_visit(group: BackgroundTasks) -> BackgroundTasks:
    group.add_task(run_for, ("the other dependency",))
    return group


class Container(ServiceContainer):
    group = FactoryProvider(open_group)
    counted = FactoryProvider(count_visit, group=group)
    only_group = SingletonProvider(open_group)


container = Container()
app.register_container(container)
GROUP: Any = Provide[container.group]
COUNTED: Any = Provide[container.counted]


@app.get("/group")
@inject
async def get_group(
    group: BackgroundTasks = GROUP, counted: BackgroundTasks = COUNTED
) -> JSONResponse:
    group.add_task(run_for, ("the handler",))
    return JSONResponse({"ok": True}, background=group)


# --8<-- [end:group]
# --8<-- [start:cached]
ONLY_GROUP: Any = Provide[container.only_group]


@app.get("/cached/{number}")
@inject
async def get_cached(
    number: Annotated[int, Path()], group: BackgroundTasks = ONLY_GROUP
) -> JSONResponse:
    group.add_task(run_for, (f"request {number}",))
    return JSONResponse({"ok": True}, background=group)


# --8<-- [end:cached]
