from accounts import register
from postlude import PostludeMiddleware
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def register_user(request: Request) -> JSONResponse:
    user = await request.json()
    answer = await run_in_threadpool(register, user["email"], user["password"])
    return JSONResponse(answer, status_code=201)


api = Starlette(routes=[Route("/register", register_user, methods=["POST"])])
app = PostludeMiddleware(api)
