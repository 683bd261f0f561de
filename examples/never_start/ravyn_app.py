from postlude import BackgroundTasks as PostludeTasks
from postlude import PostludeMiddleware, TaskRunner, current_tasks
from ravyn import Gateway, HTTPException, Ravyn, post
from ravyn.background import BackgroundTask, BackgroundTasks

outbox: list[str] = []


async def send_email(to: str) -> None:
    outbox.append(to)
    print("e-mail to", to)


@post("/awaited/own", status_code=200)
async def awaited_own() -> dict[str, list[str]]:
    tasks = BackgroundTasks()
    tasks.add_task(send_email, "ada")
    await tasks()
    return {"sent before the answer": outbox[:]}


@post("/awaited/postlude", status_code=200)
async def awaited_postlude() -> dict[str, list[str]]:
    tasks = PostludeTasks()
    tasks.add_task(send_email, "bob")
    await tasks()
    return {"sent before the answer": outbox[:]}


@post("/refused/own", background=BackgroundTask(print, "audit: own, refused"))
async def refused_own() -> dict[str, bool]:
    raise HTTPException(status_code=409)


@post("/refused/postlude")
async def refused_postlude() -> dict[str, bool]:
    current_tasks().add_task(print, "audit: postlude, refused")
    raise HTTPException(status_code=409)


handlers = (awaited_own, awaited_postlude, refused_own, refused_postlude)
api = Ravyn(routes=[Gateway(handler=handler) for handler in handlers])
app = PostludeMiddleware(api, TaskRunner())
