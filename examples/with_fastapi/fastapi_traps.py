import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from postlude.frameworks.fastapi import BackgroundTask, Tasks

app = FastAPI()
ran: list[str] = []
KEPT = JSONResponse({})


def add_to_both(visit: int, native: BackgroundTasks, tasks: Tasks) -> None:
    native.add_task(ran.append, f"BackgroundTasks of {visit}")
    tasks.add_task(ran.append, f"Tasks of {visit}")


async def add_at_the_end(
    visit: int, native: BackgroundTasks, tasks: Tasks
) -> AsyncIterator[None]:
    yield
    add_to_both(visit, native, tasks)


Added = Annotated[None, Depends(add_to_both)]
AddedAtTheEnd = Annotated[None, Depends(add_at_the_end)]


@app.post("/plain")
async def plain(added: Added) -> dict[str, str]:
    return {}


@app.post("/raises")
async def raises(added: Added) -> None:
    raise HTTPException(409)


@app.post("/own")
async def own(visit: int, added: Added) -> JSONResponse:
    return JSONResponse({}, background=BackgroundTask(ran.append, f"own of {visit}"))


@app.post("/kept")
async def kept(added: Added) -> JSONResponse:
    return KEPT


@app.post("/yield")
async def late(added: AddedAtTheEnd) -> dict[str, str]:
    return {}


async def main() -> None:
    transport = httpx.ASGITransport(app)
    paths = ["/plain", "/raises", "/own", "/kept", "/kept", "/yield"]
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        for visit, path in enumerate(paths, 1):
            await client.post(path, params={"visit": visit})
            print(f"{visit} {path:8}", "ran:", ", ".join(ran))
            ran.clear()


asyncio.run(main())
