from typing import Any

import velithon.background
from postlude import BackgroundTasks as PostludeTasks
from postlude import current_tasks
from postlude.frameworks.velithon import PostludeMiddleware
from velithon import Velithon
from velithon.exceptions import HTTPException
from velithon.requests import Request
from velithon.responses import JSONResponse

outbox: list[str] = []
api = Velithon()


async def send_email(to: str) -> None:
    outbox.append(to)
    print("e-mail to", to)


@api.post("/awaited/own")
async def awaited_own() -> JSONResponse:
    tasks: Any = velithon.background.BackgroundTasks()
    tasks.add_task(send_email, ("ada",))
    await tasks()
    return JSONResponse({"sent before the answer": outbox[:]})


@api.post("/awaited/postlude")
async def awaited_postlude() -> JSONResponse:
    tasks = PostludeTasks()
    tasks.add_task(send_email, "bob")
    await tasks()
    return JSONResponse({"sent before the answer": outbox[:]})


@api.post("/refused/own")
async def refused_own(request: Request) -> JSONResponse:
    tasks: Any = velithon.background.BackgroundTasks()
    tasks.add_task(print, ("audit: own, refused",))
    answer = JSONResponse({"ok": True}, background=tasks)
    if "authorization" not in request.headers:
        raise HTTPException(status_code=409)
    return answer


@api.post("/refused/postlude")
async def refused_postlude() -> JSONResponse:
    current_tasks().add_task(print, "audit: postlude, refused")
    raise HTTPException(status_code=409)


app = PostludeMiddleware(api)
