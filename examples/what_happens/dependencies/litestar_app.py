"""Litestar: tasks beside uploads and dependencies."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated

from examples.what_happens.told import tell
from litestar import Litestar, Response, get, post
from litestar.background_tasks import BackgroundTask, BackgroundTasks
from litestar.datastructures import UploadFile
from litestar.di import Provide
from litestar.enums import RequestEncodingType
from litestar.params import Body

app = Litestar()


# --8<-- [start:upload]
async def read_upload(upload: UploadFile) -> None:
    await asyncio.sleep(0.5)
    try:
        tell(f"the task reads {len(await upload.read())} bytes")
    except Exception as error:
        tell(f"the task gets {type(error).__name__}")
    tell("task ends")


@post("/upload")
async def upload(
    data: Annotated[UploadFile, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> Response[dict[str, str]]:
    task = BackgroundTask(read_upload, data)
    return Response({"name": data.filename}, background=task)


app.register(upload)


# --8<-- [end:upload]
# --8<-- [start:session]
class Session:
    state = "open"


async def open_session() -> AsyncGenerator[Session]:
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


@get("/session", dependencies={"session": Provide(open_session)})
async def get_session(session: Session) -> Response[dict[str, bool]]:
    return Response({"ok": True}, background=BackgroundTask(use, session))


app.register(get_session)


# --8<-- [end:session]
# --8<-- [start:pool]
pool = asyncio.Semaphore(2)


async def take_connection() -> AsyncGenerator[str]:
    async with pool:
        yield "connection"


async def write_report() -> None:
    tell("task starts")
    await asyncio.sleep(4)
    tell("task ends")


@get("/pool", dependencies={"connection": Provide(take_connection)})
async def get_pool(connection: str) -> Response[dict[str, bool]]:
    return Response({"ok": True}, background=BackgroundTask(write_report))


app.register(get_pool)


# --8<-- [end:pool]
# --8<-- [start:group]
class Group(BackgroundTasks):
    """One that more tasks can be added to."""

    def __init__(self) -> None:
        self.added: list[BackgroundTask] = []
        super().__init__(self.added)


async def open_group() -> Group:
    tell("a dependency makes a group")
    return Group()


async def run_for(whom: str) -> None:
    tell(f"the task of {whom} runs")


async def count_visit(group: Group) -> int:
    group.added.append(BackgroundTask(run_for, "the other dependency"))
    return 1


@get(
    "/group",
    dependencies={"group": Provide(open_group), "visits": Provide(count_visit)},
)
async def get_group(group: Group, visits: int) -> Response[dict[str, bool]]:
    group.added.append(BackgroundTask(run_for, "the handler"))
    return Response({"ok": True}, background=group)


app.register(get_group)


# --8<-- [end:group]
# --8<-- [start:cached]
@get(
    "/cached/{number:int}",
    dependencies={"group": Provide(open_group, use_cache=True)},
)
async def get_cached(number: int, group: Group) -> Response[dict[str, bool]]:
    group.added.append(BackgroundTask(run_for, f"request {number}"))
    return Response({"ok": True}, background=group)


app.register(get_cached)


# --8<-- [end:cached]
