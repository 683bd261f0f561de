import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import starlette.background
from anyio import to_thread
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncGenerator[None]:
    limiter = to_thread.current_default_thread_limiter()
    print(f"{limiter.total_tokens} threads for def endpoints, we take 1")
    limiter.total_tokens = 1
    yield


mail_server_answers, sending = threading.Event(), threading.Event()


def send_email() -> None:
    print("e-mail begins")
    sending.set()
    mail_server_answers.wait(20)
    print("e-mail is sent")


async def with_starlette(request: Request) -> JSONResponse:
    task = starlette.background.BackgroundTask(send_email)
    return JSONResponse({"queued": True}, status_code=202, background=task)


async def with_postlude(request: Request) -> JSONResponse:
    task = BackgroundTask(send_email)
    return JSONResponse({"queued": True}, status_code=202, background=task)


def catalogue(request: Request) -> JSONResponse:
    print("catalogue is opened")
    return JSONResponse({"item": "lamp"})


async def status(request: Request) -> JSONResponse:
    return JSONResponse({"sending": sending.is_set()})


async def repair(request: Request) -> JSONResponse:
    print("mail server is back")
    mail_server_answers.set()
    return JSONResponse({"repaired": True}, status_code=202)


app = Starlette(
    routes=[
        Route("/emails/framework", with_starlette, methods=["POST"]),
        Route("/emails/postlude", with_postlude, methods=["POST"]),
        Route("/catalogue", catalogue),
        Route("/status", status),
        Route("/mail-server", repair, methods=["POST"]),
    ],
    lifespan=lifespan,
)
