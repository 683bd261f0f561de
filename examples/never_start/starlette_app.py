from postlude import BackgroundTasks as PostludeTasks
from postlude import PostludeMiddleware, TaskRunner, current_tasks
from starlette.applications import Starlette
from starlette.background import BackgroundTask, BackgroundTasks
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

outbox: list[str] = []


async def send_email(to: str) -> None:
    outbox.append(to)
    print("e-mail to", to)


async def awaited_own(request: Request) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(send_email, "ada")
    await tasks()
    return JSONResponse({"sent before the answer": outbox})


async def awaited_postlude(request: Request) -> JSONResponse:
    tasks = PostludeTasks()
    tasks.add_task(send_email, "bob")
    await tasks()
    return JSONResponse({"sent before the answer": outbox})


async def refused_own(request: Request) -> JSONResponse:
    task = BackgroundTask(print, "audit: own, refused")
    answer = JSONResponse({"ok": True}, background=task)
    if "authorization" not in request.headers:
        raise HTTPException(409)
    return answer


async def refused_postlude(request: Request) -> JSONResponse:
    current_tasks().add_task(print, "audit: postlude, refused")
    raise HTTPException(409)


handlers = {
    "/awaited/own": awaited_own,
    "/awaited/postlude": awaited_postlude,
    "/refused/own": refused_own,
    "/refused/postlude": refused_postlude,
}
routes = [Route(path, each, methods=["POST"]) for path, each in handlers.items()]
app = PostludeMiddleware(Starlette(routes=routes), TaskRunner())
