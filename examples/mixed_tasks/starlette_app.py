import asyncio
import threading
import time

from postlude.frameworks.starlette import BackgroundTask, BackgroundTasks
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


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


async def mixed(_: Request) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(resize, "a.png")
    tasks.add_task(notify, "ada")
    return JSONResponse({"status": "ok"}, status_code=202, background=tasks)


async def mixed_again(_: Request) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(notify, "ada")
    tasks.add_task(resize, "a.png")
    return JSONResponse({"status": "ok"}, status_code=202, background=tasks)


async def with_def(_: Request) -> JSONResponse:
    task = BackgroundTask(resize, "b.png")
    return JSONResponse({"status": "ok"}, status_code=202, background=task)


async def with_async_def(_: Request) -> JSONResponse:
    task = BackgroundTask(notify, "bob")
    return JSONResponse({"status": "ok"}, status_code=202, background=task)


async def with_blocking(_: Request) -> JSONResponse:
    task = BackgroundTask(blocking_notify, "bob")
    return JSONResponse({"status": "ok"}, status_code=202, background=task)


async def ping(_: Request) -> JSONResponse:
    print("answered a ping")
    return JSONResponse({"status": "here"})


def thread(_: Request) -> JSONResponse:
    return JSONResponse({"worker_thread": here() != "MainThread"})


app = Starlette(
    routes=[
        Route("/mixed", mixed, methods=["POST"]),
        Route("/mixed-again", mixed_again, methods=["POST"]),
        Route("/def", with_def, methods=["POST"]),
        Route("/async-def", with_async_def, methods=["POST"]),
        Route("/blocking", with_blocking, methods=["POST"]),
        Route("/ping", ping),
        Route("/thread", thread),
    ]
)
