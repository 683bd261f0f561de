from chores import back_up, plan, runner
from litestar import Litestar, Response, get, post
from postlude import PostludeMiddleware
from postlude.frameworks.litestar import BackgroundTask


@get("/chores")
async def show() -> dict[str, str]:
    return plan()


@post("/backups")
async def back_up_now() -> Response[dict[str, str]]:
    task = BackgroundTask(back_up)
    return Response({"backup": "begins"}, status_code=202, background=task)


api = Litestar([show, back_up_now], logging_config=None)
app = PostludeMiddleware(api, runner)
