import asyncio
import logging

import httpx
from lilya.apps import Lilya
from lilya.background import Tasks
from lilya.responses import JSONResponse
from lilya.routing import Path
from postlude.frameworks.lilya import BackgroundTasks

ran: list[str] = []


async def count_visit() -> None:
    await asyncio.sleep(0.1)
    ran.append("count_visit")


async def fail() -> None:
    raise ConnectionError("no mail server")


async def in_order() -> JSONResponse:
    tasks = Tasks()
    tasks.add_task(fail)
    tasks.add_task(count_visit)
    return JSONResponse({}, background=tasks)


async def as_group() -> JSONResponse:
    tasks = Tasks(as_group=True)
    tasks.add_task(fail)
    tasks.add_task(count_visit)
    return JSONResponse({}, background=tasks)


async def postludes() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(fail)
    tasks.add_task(count_visit)
    return JSONResponse({}, background=tasks)


app = Lilya(
    routes=[
        Path("/order", in_order),
        Path("/group", as_group),
        Path("/postlude", postludes),
    ]
)


async def main() -> None:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        for path in ("/order", "/group", "/postlude"):
            await client.get(path)
            print(f"{path:9}", "ran:", ", ".join(ran) or "nothing")
            ran.clear()


logging.disable()  # the failure is logged as well
asyncio.run(main())
