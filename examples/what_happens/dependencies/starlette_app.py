"""Starlette: tasks beside uploads."""

import asyncio

from examples.what_happens.told import tell
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse

app = Starlette()


# --8<-- [start:upload]
async def read_upload(upload: UploadFile) -> None:
    await asyncio.sleep(0.5)
    try:
        tell(f"the task reads {len(await upload.read())} bytes")
    except Exception as error:
        tell(f"the task gets {type(error).__name__}")
    tell("task ends")


async def upload(request: Request) -> JSONResponse:
    async with request.form() as form:
        data = form["data"]
        assert isinstance(data, UploadFile)
        task = BackgroundTask(read_upload, data)
        return JSONResponse({"name": data.filename}, background=task)


app.add_route("/upload", upload, methods=["POST"])


# --8<-- [end:upload]
