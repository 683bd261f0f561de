from postlude import PostludeMiddleware
from resets import ask, redeem
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def ask_for_reset(request: Request) -> JSONResponse:
    return JSONResponse(ask(request.query_params["email"]), 202)


async def reset(request: Request) -> JSONResponse:
    answer, status = await redeem(request.path_params["token"])
    return JSONResponse(answer, status)


api = Starlette(
    routes=[
        Route("/password-reset", ask_for_reset, methods=["POST"]),
        Route("/password-reset/{token}", reset, methods=["POST"]),
    ]
)
app = PostludeMiddleware(api)
