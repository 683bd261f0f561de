import asyncio
from io import BytesIO
from typing import Any

import pictures
from buffered import Buffered
from postlude import PostludeMiddleware
from ravyn import File as FormFile
from ravyn import Gateway, HTTPException, JSONResponse, Ravyn, UploadFile, get, post

FROM_FORM: Any = FormFile()


@post("/upload")
async def upload(data: UploadFile = FROM_FORM) -> JSONResponse:
    file = BytesIO(await data.read())
    answer = await asyncio.to_thread(pictures.accept, file)
    return JSONResponse(answer, status_code=202)


@get("/pictures/{name}")
def show(name: str) -> JSONResponse:
    picture = pictures.find(name)
    if picture is None:
        raise HTTPException(status_code=404, detail="no such picture")
    return JSONResponse(picture)


api = Ravyn(routes=[Gateway(handler=upload), Gateway(handler=show)])
app = PostludeMiddleware(Buffered(api))
