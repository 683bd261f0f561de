import asyncio
import threading
import time

from postlude.frameworks.ravyn import BackgroundTask, BackgroundTasks
from ravyn import Gateway, JSONResponse, Ravyn, get, post


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
async def mixed() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(resize, "a.png")
    tasks.add_task(notify, "ada")
    return JSONResponse({"status": "ok"}, status_code=202, background=tasks)


@post("/mixed-again")
async def mixed_again() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(notify, "ada")
    tasks.add_task(resize, "a.png")
    return JSONResponse({"status": "ok"}, status_code=202, background=tasks)


@post("/def")
async def with_def() -> JSONResponse:
    task = BackgroundTask(resize, "b.png")
    return JSONResponse({"status": "ok"}, status_code=202, background=task)


@post("/async-def")
async def with_async_def() -> JSONResponse:
    task = BackgroundTask(notify, "bob")
    return JSONResponse({"status": "ok"}, status_code=202, background=task)


@post("/blocking")
async def with_blocking() -> JSONResponse:
    task = BackgroundTask(blocking_notify, "bob")
    return JSONResponse({"status": "ok"}, status_code=202, background=task)


@get("/ping")
async def ping() -> JSONResponse:
    print("answered a ping")
    return JSONResponse({"status": "here"})


@get("/thread")
def thread() -> JSONResponse:
    return JSONResponse({"worker_thread": here() != "MainThread"})


handlers = (mixed, mixed_again, with_def, with_async_def, with_blocking, ping, thread)
app = Ravyn(routes=[Gateway(handler=handler) for handler in handlers])
