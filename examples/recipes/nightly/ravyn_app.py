import logging

from chores import back_up, plan, runner
from postlude import PostludeMiddleware
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, get, post

logging.getLogger("postlude").setLevel(logging.WARNING)  # Ravyn shows INFO


@get("/chores")
async def show() -> JSONResponse:
    return JSONResponse(plan())


@post("/backups")
async def back_up_now() -> JSONResponse:
    task = BackgroundTask(back_up)
    return JSONResponse({"backup": "begins"}, status_code=202, background=task)


api = Ravyn(routes=[Gateway(handler=show), Gateway(handler=back_up_now)])
app = PostludeMiddleware(api, runner)
