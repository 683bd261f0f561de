from pathlib import Path

import darkroom
from postlude import PostludeMiddleware, TaskRunner
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

READY = (
    "update photos set state = 'ready', width = ?, height = ?, bytes = ? where id = ?"
)
FAILED = "update photos set state = 'failed' where id = ?"


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


async def upload(request: Request) -> JSONResponse:
    async with request.form() as form:
        file = form["file"]
        if not isinstance(file, UploadFile):
            raise HTTPException(422, "file must be a file")
        content = await file.read()
    photo, task = await run_in_threadpool(store, content)
    return JSONResponse({"id": photo}, 202, background=task)


def show(request: Request) -> JSONResponse:
    photo = request.path_params["photo"]
    row = darkroom.read(photo)
    if not row:
        raise HTTPException(404, f"there is no photo {photo}")
    return JSONResponse(row)


api = Starlette(
    routes=[
        Route("/photos", upload, methods=["POST"]),
        Route("/photos/{photo:int}", show),
    ]
)
app = PostludeMiddleware(api, TaskRunner())
