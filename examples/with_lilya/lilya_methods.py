import asyncio
import logging

import httpx
from lilya.apps import Lilya
from lilya.background import Task
from lilya.responses import JSONResponse
from lilya.routing import Path
from postlude import PostludeMiddleware, TaskRunner, current_tasks
from postlude.frameworks.lilya import BackgroundTasks

logging.disable()  # postlude warns of each task that Lilya leaves out
ran: list[str] = []


async def lilyas() -> JSONResponse:
    return JSONResponse({}, background=Task(ran.append, "Task"))


async def postludes() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(ran.append, "BackgroundTasks")
    current_tasks().add_task(ran.append, "current_tasks()")
    return JSONResponse({}, background=tasks)


METHODS = ["GET", "HEAD", "OPTIONS"]
runner = TaskRunner()
api = Lilya(
    routes=[
        Path("/lilya", lilyas, methods=METHODS),
        Path("/postlude", postludes, methods=METHODS),
    ]
)
app = PostludeMiddleware(api, runner)


async def main() -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        for method in METHODS:
            async with runner:
                await client.request(method, "/lilya")
                await client.request(method, "/postlude")
            print(f"{method:7}", "ran:", ", ".join(sorted(ran)))
            ran.clear()


asyncio.run(main())
