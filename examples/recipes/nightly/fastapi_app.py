from chores import back_up, plan, runner
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from postlude import PostludeMiddleware
from postlude.frameworks.fastapi import BackgroundTask

api = FastAPI()


@api.get("/chores")
async def show() -> dict[str, str]:
    return plan()


@api.post("/backups")
async def back_up_now() -> JSONResponse:
    task = BackgroundTask(back_up)
    return JSONResponse({"backup": "begins"}, status_code=202, background=task)


app = PostludeMiddleware(api, runner)
