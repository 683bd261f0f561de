from chores import back_up, plan, runner
from postlude.frameworks.velithon import BackgroundTask, PostludeMiddleware
from velithon import Velithon
from velithon.responses import JSONResponse

api = Velithon()


@api.get("/chores")
async def show() -> JSONResponse:
    return JSONResponse(plan())


@api.post("/backups")
async def back_up_now() -> JSONResponse:
    task = BackgroundTask(back_up)
    return JSONResponse({"backup": "begins"}, status_code=202, background=task)


app = PostludeMiddleware(api, runner)
