import asyncio
import logging

import httpx
from postlude.frameworks.starlette import BackgroundTasks
from starlette.applications import Starlette
from starlette.background import BackgroundTasks as StarletteTasks
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

logging.getLogger("postlude").disabled = True  # the failure is logged as well
ran: list[str] = []


def fail() -> None:
    raise ConnectionError("no mail server")


async def starlettes(_: Request) -> JSONResponse:
    tasks = StarletteTasks()
    tasks.add_task(ran.append, "first")
    tasks.add_task(fail)
    tasks.add_task(ran.append, "last")
    return JSONResponse({}, background=tasks)


async def postludes(_: Request) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(ran.append, "first")
    tasks.add_task(fail)
    tasks.add_task(ran.append, "last")
    return JSONResponse({}, background=tasks)


app = Starlette(routes=[Route("/starlette", starlettes), Route("/postlude", postludes)])


async def main() -> None:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        for path in ("/starlette", "/postlude"):
            await client.get(path)
            print(f"{path:10}", "ran:", ", ".join(ran))
            ran.clear()


asyncio.run(main())
