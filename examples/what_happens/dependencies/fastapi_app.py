"""FastAPI: tasks beside uploads and dependencies."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from examples.what_happens.told import tell
from fastapi import BackgroundTasks, Depends, FastAPI, UploadFile

app = FastAPI()


# --8<-- [start:upload]
async def read_upload(upload: UploadFile) -> None:
    await asyncio.sleep(0.5)
    try:
        tell(f"the task reads {len(await upload.read())} bytes")
    except Exception as error:
        tell(f"the task gets {type(error).__name__}")
    tell("task ends")


@app.post("/upload")
async def upload(data: UploadFile, tasks: BackgroundTasks) -> dict[str, str | None]:
    tasks.add_task(read_upload, data)
    return {"name": data.filename}


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


@app.get("/session")
async def get_session(
    session: Annotated[Session, Depends(open_session)], tasks: BackgroundTasks
) -> dict[str, bool]:
    tasks.add_task(use, session)
    return {"ok": True}


@app.get("/session-by-option")
async def get_session_by_option(
    session: Annotated[Session, Depends(open_session, scope="function")],
    tasks: BackgroundTasks,
) -> dict[str, bool]:
    tasks.add_task(use, session)
    return {"ok": True}


# --8<-- [end:session]
# --8<-- [start:pool]
pool = asyncio.Semaphore(2)


async def take_connection() -> AsyncIterator[None]:
    async with pool:
        yield


async def write_report() -> None:
    tell("task starts")
    await asyncio.sleep(4)
    tell("task ends")


@app.get("/pool", dependencies=[Depends(take_connection)])
async def get_pool(tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(write_report)
    return {"ok": True}


# --8<-- [end:pool]
# --8<-- [start:late]
async def note(what: str) -> None:
    tell(f"the task {what} runs")


async def add_late(tasks: BackgroundTasks) -> AsyncIterator[None]:
    tasks.add_task(note, "from before the yield")
    yield
    tasks.add_task(note, "from after the yield")
    tell("the dependency has added both")


@app.get("/late", dependencies=[Depends(add_late)])
async def late() -> dict[str, bool]:
    return {"ok": True}


# --8<-- [end:late]
# --8<-- [start:group]
class Outbox(BackgroundTasks):
    """A group of the application's own."""


async def open_outbox(tasks: BackgroundTasks) -> Outbox:
    tell("a dependency makes a group")
    outbox = Outbox()
    tasks.add_task(outbox)
    return outbox


async def run_for(whom: str) -> None:
    tell(f"the task of {whom} runs")


async def count_visit(group: Annotated[Outbox, Depends(open_outbox)]) -> None:
    group.add_task(run_for, "the other dependency")


@app.get("/group", dependencies=[Depends(count_visit)])
async def get_group(
    group: Annotated[Outbox, Depends(open_outbox)],
) -> dict[str, bool]:
    group.add_task(run_for, "the handler")
    return {"ok": True}


# --8<-- [end:group]
# --8<-- [start:cached]
@app.get("/cached/{number}")
async def get_cached(
    number: int, group: Annotated[Outbox, Depends(open_outbox, use_cache=True)]
) -> dict[str, bool]:
    group.add_task(run_for, f"request {number}")
    return {"ok": True}


# --8<-- [end:cached]
