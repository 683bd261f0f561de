from fastapi import BackgroundTasks, FastAPI, HTTPException
from postlude import BackgroundTasks as PostludeTasks
from postlude import PostludeMiddleware, TaskRunner, current_tasks

outbox: list[str] = []
api = FastAPI()


async def send_email(to: str) -> None:
    outbox.append(to)
    print("e-mail to", to)


@api.post("/awaited/own")
async def awaited_own() -> dict[str, list[str]]:
    tasks = BackgroundTasks()
    tasks.add_task(send_email, "ada")
    await tasks()
    return {"sent before the answer": outbox[:]}


@api.post("/awaited/postlude")
async def awaited_postlude() -> dict[str, list[str]]:
    tasks = PostludeTasks()
    tasks.add_task(send_email, "bob")
    await tasks()
    return {"sent before the answer": outbox[:]}


@api.post("/refused/own")
async def refused_own(tasks: BackgroundTasks) -> None:
    tasks.add_task(print, "audit: own, refused")
    raise HTTPException(409)


@api.post("/refused/postlude")
async def refused_postlude() -> None:
    current_tasks().add_task(print, "audit: postlude, refused")
    raise HTTPException(409)


app = PostludeMiddleware(api, TaskRunner())
