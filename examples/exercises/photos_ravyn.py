import asyncio
from pathlib import Path
from typing import Any

import darkroom
from buffered import Buffered
from postlude import PostludeMiddleware, TaskRunner
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import File as FormFile
from ravyn import Gateway, HTTPException, JSONResponse, Ravyn, UploadFile, get, post

READY = (
    "update photos set state = 'ready', width = ?, height = ?, bytes = ? where id = ?"
)
FAILED = "update photos set state = 'failed' where id = ?"
FROM_FORM: Any = FormFile()


def develop(photo: int, source: Path) -> None:
    target = Path(f"{photo}.small.jpg")
    try:
        width, height = darkroom.shrink(source, target)
    except OSError:
        darkroom.run(FAILED, photo)
        raise
    darkroom.run(READY, width, height, target.stat().st_size, photo)


def store(content: bytes) -> tuple[int, BackgroundTask]:
    photo = darkroom.run("insert into photos default values")
    source = Path(f"{photo}.original")
    source.write_bytes(content)
    return photo, BackgroundTask(develop, photo, source)


@post("/photos")
async def upload(file: UploadFile = FROM_FORM) -> JSONResponse:
    photo, task = await asyncio.to_thread(store, await file.read())
    return JSONResponse({"id": photo}, status_code=202, background=task)


@get("/photos/{photo}")
def show(photo: int) -> JSONResponse:
    row = darkroom.read(photo)
    if not row:
        raise HTTPException(status_code=404, detail=f"there is no photo {photo}")
    return JSONResponse(row)


api = Ravyn(routes=[Gateway(handler=upload), Gateway(handler=show)])
app = PostludeMiddleware(Buffered(api), TaskRunner())
