import asyncio
import threading
import time

from litestar import Litestar, Response, get, post
from postlude.frameworks.litestar import BackgroundTask, BackgroundTasks


def here() -> str:
    return threading.current_thread().name


def resize(photo: str) -> None:
    time.sleep(0.6)
    print(f"resized {photo} in {here()}")


async def notify(user: str) -> None:
    await asyncio.sleep(0.6)
    print(f"notified {user} in {here()}")


def call_mail_server() -> None:
    time.sleep(1)


async def blocking_notify(user: str) -> None:
    call_mail_server()
    print(f"notified {user} in {here()}, everybody waited")


@post("/mixed")
async def mixed() -> Response[dict[str, str]]:
    tasks = BackgroundTasks()
    tasks.add_task(resize, "a.png")
    tasks.add_task(notify, "ada")
    return Response({"status": "ok"}, status_code=202, background=tasks)


@post("/mixed-again")
async def mixed_again() -> Response[dict[str, str]]:
    tasks = BackgroundTasks()
    tasks.add_task(notify, "ada")
    tasks.add_task(resize, "a.png")
    return Response({"status": "ok"}, status_code=202, background=tasks)


@post("/def")
async def with_def() -> Response[dict[str, str]]:
    task = BackgroundTask(resize, "b.png")
    return Response({"status": "ok"}, status_code=202, background=task)


@post("/async-def")
async def with_async_def() -> Response[dict[str, str]]:
    task = BackgroundTask(notify, "bob")
    return Response({"status": "ok"}, status_code=202, background=task)


@post("/blocking")
async def with_blocking() -> Response[dict[str, str]]:
    task = BackgroundTask(blocking_notify, "bob")
    return Response({"status": "ok"}, status_code=202, background=task)


@get("/ping")
async def ping() -> Response[dict[str, str]]:
    print("answered a ping")
    return Response({"status": "here"})


@get("/thread", sync_to_thread=True)
def thread() -> Response[dict[str, bool]]:
    return Response({"worker_thread": here() != "MainThread"})


app = Litestar(
    [mixed, mixed_again, with_def, with_async_def, with_blocking, ping, thread]
)
