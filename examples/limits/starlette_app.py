import asyncio
import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from postlude import PostludeMiddleware, TaskRunner
from postlude.frameworks.starlette import BackgroundTask, BackgroundTasks
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

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


async def report(request: Request) -> JSONResponse:
    return JSONResponse({}, 202, background=BackgroundTask(build_report))


async def photos(request: Request) -> JSONResponse:
    return JSONResponse({}, 202, background=album())


async def email(request: Request) -> JSONResponse:
    return JSONResponse({}, 202, background=BackgroundTask(send_email))


async def show_most(request: Request) -> JSONResponse:
    return JSONResponse({"done": len(done), "most": most})


api = Starlette(
    routes=[
        Route("/reports", report, methods=["POST"]),
        Route("/albums", photos, methods=["POST"]),
        Route("/emails", email, methods=["POST"]),
        Route("/most", show_most),
    ]
)
app = PostludeMiddleware(api, runner)
