"""Velithon: tasks beside uploads."""

# Its type stubs describe other arguments than its classes take.
# mypy: disable-error-code="arg-type, call-arg"
# pyright: reportArgumentType=false, reportCallIssue=false
# pyright: reportUnknownArgumentType=false

import asyncio
from typing import Annotated

from examples.what_happens.told import tell
from velithon import Velithon
from velithon.background import BackgroundTask
from velithon.datastructures import UploadFile
from velithon.params import File
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
