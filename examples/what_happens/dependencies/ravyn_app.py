"""Ravyn: tasks beside uploads."""

# Not all of its methods have types.
# pyright: reportUnknownMemberType=false

import asyncio
from typing import Any

from examples.what_happens.told import tell
from ravyn import File, JSONResponse, Ravyn, UploadFile, post
from ravyn.background import BackgroundTask

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
