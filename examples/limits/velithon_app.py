import asyncio
import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from postlude import TaskRunner
from postlude.frameworks.velithon import (
    BackgroundTask,
    BackgroundTasks,
    PostludeMiddleware,
)
from velithon import Velithon
from velithon.responses import JSONResponse

runner = TaskRunner(max_concurrent=6)
mail_server = asyncio.Semaphore(2)  # it allows two connections
now: Counter[str] = Counter()
most: dict[str, int] = {}
done: list[str] = []
lock = threading.Lock()


@contextmanager
def counted(kind: str) -> Generator[None]:
    with lock:
        now[kind] += 1
        most[kind] = max(now[kind], most.get(kind, 0))
    yield
    with lock:
        now[kind] -= 1
        done.append(kind)


async def build_report() -> None:
    with counted("report"):
        await asyncio.sleep(0.3)


def resize_photo() -> None:
    with counted("photo"):
        time.sleep(0.05)


async def send_email() -> None:
    async with mail_server:
        with counted("email"):
            await asyncio.sleep(0.1)


def album() -> BackgroundTasks:
    tasks = BackgroundTasks(max_concurrent=3)
    for _ in range(9):
        tasks.add_task(resize_photo)
    return tasks


api = Velithon()


@api.post("/reports")
async def report() -> JSONResponse:
    return JSONResponse({}, 202, background=BackgroundTask(build_report))


@api.post("/albums")
async def photos() -> JSONResponse:
    return JSONResponse({}, 202, background=album())


@api.post("/emails")
async def email() -> JSONResponse:
    return JSONResponse({}, 202, background=BackgroundTask(send_email))


@api.get("/most")
async def show_most() -> JSONResponse:
    return JSONResponse({"done": len(done), "most": most})


app = PostludeMiddleware(api, runner)
