from pathlib import Path
from typing import Annotated

import darkroom
from litestar import Litestar, Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body
from postlude import PostludeMiddleware, TaskRunner
from postlude.frameworks.litestar import BackgroundTask

READY = (
    "update photos set state = 'ready', width = ?, height = ?, bytes = ? where id = ?"
)
FAILED = "update photos set state = 'failed' where id = ?"
Upload = Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)]


def develop(photo: int, source: Path) -> None:
    target = Path(f"{photo}.small.jpg")
    try:
        width, height = darkroom.shrink(source, target)
    except OSError:
        darkroom.run(FAILED, photo)
        raise
    darkroom.run(READY, width, height, target.stat().st_size, photo)


@post("/photos", sync_to_thread=True)
def upload(data: Upload) -> Response[dict[str, int]]:
    photo = darkroom.run("insert into photos default values")
    source = Path(f"{photo}.original")
    source.write_bytes(data.file.read())
    task = BackgroundTask(develop, photo, source)
    return Response({"id": photo}, status_code=202, background=task)


@get("/photos/{photo:int}", sync_to_thread=True)
def show(photo: int) -> dict[str, object]:
    row = darkroom.read(photo)
    if not row:
        raise NotFoundException(f"there is no photo {photo}")
    return row


api = Litestar([upload, show])
app = PostludeMiddleware(api, TaskRunner())
