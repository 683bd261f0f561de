from chores import back_up, plan, runner
from postlude import PostludeMiddleware
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def show(request: Request) -> JSONResponse:
    return JSONResponse(plan())


async def back_up_now(request: Request) -> JSONResponse:
    task = BackgroundTask(back_up)
    return JSONResponse({"backup": "begins"}, status_code=202, background=task)


api = Starlette(
    routes=[
        Route("/chores", show),
        Route("/backups", back_up_now, methods=["POST"]),
    ]
)
app = PostludeMiddleware(api, runner)
