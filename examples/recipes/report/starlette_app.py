import bookkeeping
from postlude import PostludeMiddleware
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def order(request: Request) -> JSONResponse:
    wish = await request.json()
    answer = bookkeeping.order(wish["month"], wish["email"])
    return JSONResponse(answer, status_code=202)


async def status(request: Request) -> JSONResponse:
    state = bookkeeping.state_of(request.path_params["job_id"])
    if state is None:
        raise HTTPException(404, "no such job")
    return JSONResponse(state)


api = Starlette(
    routes=[
        Route("/reports", order, methods=["POST"]),
        Route("/reports/{job_id}", status),
    ]
)
app = PostludeMiddleware(api, bookkeeping.runner)
