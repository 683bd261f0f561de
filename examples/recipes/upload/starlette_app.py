import pictures
from postlude import PostludeMiddleware
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def upload(request: Request) -> JSONResponse:
    async with request.form() as form:
        data = form["data"]
        if not isinstance(data, UploadFile):
            raise HTTPException(422, "data must be a file")
        answer = await run_in_threadpool(pictures.accept, data.file)
    return JSONResponse(answer, status_code=202)


def show(request: Request) -> JSONResponse:
    picture = pictures.find(request.path_params["name"])
    if picture is None:
        raise HTTPException(404, "no such picture")
    return JSONResponse(picture)


api = Starlette(
    routes=[
        Route("/upload", upload, methods=["POST"]),
        Route("/pictures/{name}", show),
    ]
)
app = PostludeMiddleware(api)
