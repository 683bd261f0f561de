import asyncio
from pathlib import Path
from typing import Annotated, Any

import darkroom
from postlude import TaskRunner
from postlude.frameworks.velithon import BackgroundTask, PostludeMiddleware
from velithon import Velithon
from velithon.datastructures import UploadFile
from velithon.params import File
from velithon.params import Path as FromPath
from velithon.responses import JSONResponse

READY = (
    "update photos set state = 'ready', width = ?, height = ?, bytes = ? where id = ?"
)
FAILED = "update photos set state = 'failed' where id = ?"
api = Velithon()


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


@api.post("/photos")
async def upload(file: Annotated[UploadFile, File()]) -> JSONResponse:
    read: Any = file.read  # its own type is not right
    photo, task = await asyncio.to_thread(store, read(file.size))
    return JSONResponse({"id": photo}, 202, background=task)


@api.get("/photos/{photo}")
async def show(photo: Annotated[int, FromPath()]) -> JSONResponse:
    row = await asyncio.to_thread(darkroom.read, photo)
    if not row:
        return JSONResponse({"detail": f"there is no photo {photo}"}, status_code=404)
    return JSONResponse(row)


app = PostludeMiddleware(api, TaskRunner())
