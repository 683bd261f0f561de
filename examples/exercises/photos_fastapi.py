from pathlib import Path

import darkroom
from fastapi import FastAPI, HTTPException, UploadFile
from fastapi.responses import JSONResponse
from postlude import PostludeMiddleware, TaskRunner
from postlude.frameworks.fastapi import BackgroundTask

READY = (
    "update photos set state = 'ready', width = ?, height = ?, bytes = ? where id = ?"
)
FAILED = "update photos set state = 'failed' where id = ?"
api = FastAPI()


def develop(photo: int, source: Path) -> None:
    target = Path(f"{photo}.small.jpg")
    try:
        width, height = darkroom.shrink(source, target)
    except OSError:
        darkroom.run(FAILED, photo)
        raise
    darkroom.run(READY, width, height, target.stat().st_size, photo)


@api.post("/photos")
def upload(file: UploadFile) -> JSONResponse:
    photo = darkroom.run("insert into photos default values")
    source = Path(f"{photo}.original")
    source.write_bytes(file.file.read())
    task = BackgroundTask(develop, photo, source)
    return JSONResponse({"id": photo}, 202, background=task)


@api.get("/photos/{photo}")
def show(photo: int) -> dict[str, object]:
    row = darkroom.read(photo)
    if not row:
        raise HTTPException(404, f"there is no photo {photo}")
    return row


app = PostludeMiddleware(api, TaskRunner())
