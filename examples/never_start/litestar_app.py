from litestar import Litestar, post
from litestar.background_tasks import BackgroundTask, BackgroundTasks
from litestar.exceptions import HTTPException
from postlude import BackgroundTasks as PostludeTasks
from postlude import PostludeMiddleware, TaskRunner, current_tasks

outbox: list[str] = []


async def send_email(to: str) -> None:
    outbox.append(to)
    print("e-mail to", to)


@post("/awaited/own", status_code=200)
async def awaited_own() -> dict[str, list[str]]:
    tasks = BackgroundTasks([BackgroundTask(send_email, "ada")])
    await tasks()
    return {"sent before the answer": outbox[:]}


@post("/awaited/postlude", status_code=200)
async def awaited_postlude() -> dict[str, list[str]]:
    tasks = PostludeTasks()
    tasks.add_task(send_email, "bob")
    await tasks()
    return {"sent before the answer": outbox[:]}


@post("/refused/own", background=BackgroundTask(print, "audit: own, refused"))
async def refused_own() -> None:
    raise HTTPException(status_code=409)


@post("/refused/postlude")
async def refused_postlude() -> None:
    current_tasks().add_task(print, "audit: postlude, refused")
    raise HTTPException(status_code=409)


api = Litestar([awaited_own, awaited_postlude, refused_own, refused_postlude])
app = PostludeMiddleware(api, TaskRunner())
