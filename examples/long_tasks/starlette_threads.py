import threading

import starlette.background
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

mail_server_answers = threading.Event()
sent: list[str] = []


def send_email(to: str) -> None:
    mail_server_answers.wait(20)  # a mail server that hangs
    sent.append(to)


async def with_starlette(request: Request) -> JSONResponse:
    task = starlette.background.BackgroundTask(send_email, "ada@example.com")
    return JSONResponse({"queued": True}, status_code=202, background=task)


async def with_postlude(request: Request) -> JSONResponse:
    task = BackgroundTask(send_email, "ada@example.com")
    return JSONResponse({"queued": True}, status_code=202, background=task)


async def repair(request: Request) -> JSONResponse:
    mail_server_answers.set()
    return JSONResponse({"repaired": True}, status_code=202)


def catalogue(request: Request) -> JSONResponse:
    return JSONResponse({"thread": threading.current_thread().name})


async def count(request: Request) -> JSONResponse:
    return JSONResponse({"sent": len(sent)})


app = Starlette(
    routes=[
        Route("/emails/framework", with_starlette, methods=["POST"]),
        Route("/emails/postlude", with_postlude, methods=["POST"]),
        Route("/mail-server/repair", repair, methods=["POST"]),
        Route("/catalogue", catalogue),
        Route("/emails/count", count),
    ]
)
