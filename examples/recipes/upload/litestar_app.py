from typing import Annotated

import pictures
from litestar import Litestar, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body
from postlude import PostludeMiddleware

Upload = Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)]


@post("/upload", status_code=202, sync_to_thread=True)
def upload(data: Upload) -> dict[str, str]:
    return pictures.accept(data.file)


@get("/pictures/{name:str}", sync_to_thread=True)
def show(name: str) -> dict[str, str]:
    picture = pictures.find(name)
    if picture is None:
        raise NotFoundException("no such picture")
    return picture


app = PostludeMiddleware(Litestar([upload, show], logging_config=None))
