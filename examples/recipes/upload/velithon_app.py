import asyncio
from io import BytesIO
from typing import Annotated, Any

import pictures
from postlude.frameworks.velithon import PostludeMiddleware
from velithon import Velithon
from velithon.datastructures import UploadFile
from velithon.params import File, Path
from velithon.responses import JSONResponse

api = Velithon()


@api.post("/upload")
async def upload(data: Annotated[UploadFile, File()]) -> JSONResponse:
    read: Any = data.read  # its own type is not right
    file = BytesIO(read(data.size))
    answer = await asyncio.to_thread(pictures.accept, file)
    return JSONResponse(answer, status_code=202)


@api.get("/pictures/{name}")
async def show(name: Annotated[str, Path()]) -> JSONResponse:
    picture = await asyncio.to_thread(pictures.find, name)
    if picture is None:
        return JSONResponse({"detail": "no such picture"}, status_code=404)
    return JSONResponse(picture)


app = PostludeMiddleware(api)
