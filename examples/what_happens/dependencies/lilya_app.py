"""Lilya: tasks beside uploads and dependencies."""

import asyncio
from collections.abc import AsyncIterator

from examples.what_happens.told import tell
from lilya.apps import Lilya
from lilya.background import Task, Tasks
from lilya.datastructures import DataUpload
from lilya.dependencies import Provide
from lilya.requests import Request
from lilya.responses import JSONResponse

app = Lilya()


# --8<-- [start:upload]
async def read_upload(upload: DataUpload) -> None:
    await asyncio.sleep(0.5)
    try:
        tell(f"the task reads {len(await upload.read())} bytes")
    except Exception as error:
        tell(f"the task gets {type(error).__name__}")
    tell("task ends")


async def upload(request: Request) -> JSONResponse:
    async with request.form() as form:
        data = form["data"]
        assert isinstance(data, DataUpload)
        task = Task(read_upload, data)
        return JSONResponse({"name": data.filename}, background=task)


app.add_route("/upload", upload, methods=["POST"])


# --8<-- [end:upload]
# --8<-- [start:session]
class Session:
    state = "open"


async def open_session() -> AsyncIterator[Session]:
    session = Session()
    try:
        yield session
    finally:
        session.state = "closed"
        tell("the dependency closes the session")


async def use(session: Session) -> None:
    await asyncio.sleep(1)
    tell(f"the task's session is {session.state}")
    tell("task ends")


@app.get("/session", dependencies={"session": Provide(open_session)})
async def get_session(session: Session) -> JSONResponse:
    return JSONResponse({"ok": True}, background=Task(use, session))


# --8<-- [end:session]
# --8<-- [start:pool]
pool = asyncio.Semaphore(2)


async def take_connection() -> AsyncIterator[str]:
    async with pool:
        yield "connection"


async def write_report() -> None:
    tell("task starts")
    await asyncio.sleep(4)
    tell("task ends")


@app.get("/pool", dependencies={"connection": Provide(take_connection)})
async def get_pool(connection: str) -> JSONResponse:
    return JSONResponse({"ok": True}, background=Task(write_report))


# --8<-- [end:pool]
# --8<-- [start:group]
async def open_group() -> Tasks:
    tell("a dependency makes a group")
    return Tasks()


async def run_for(whom: str) -> None:
    tell(f"the task of {whom} runs")


async def count_visit(group: Tasks) -> int:
    group.add_task(run_for, "the other dependency")
    return 1


@app.get(
    "/group",
    dependencies={"group": Provide(open_group), "visits": Provide(count_visit)},
)
async def get_group(group: Tasks, visits: int) -> JSONResponse:
    group.add_task(run_for, "the handler")
    return JSONResponse({"ok": True}, background=group)


# --8<-- [end:group]
# --8<-- [start:cached]
@app.get(
    "/cached/{number:int}",
    dependencies={"group": Provide(open_group, use_cache=True)},
)
async def get_cached(number: int, group: Tasks) -> JSONResponse:
    group.add_task(run_for, f"request {number}")
    return JSONResponse({"ok": True}, background=group)


# --8<-- [end:cached]
