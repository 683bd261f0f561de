import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import ravyn.background
from anyio import to_thread
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, get, post


@asynccontextmanager
async def lifespan(app: Ravyn) -> AsyncGenerator[None]:
    limiter = to_thread.current_default_thread_limiter()
    print(f"{limiter.total_tokens} threads for def tasks, we take 1")
    limiter.total_tokens = 1
    yield


mail_server_answers, sending = threading.Event(), threading.Event()


def send_email() -> None:
    print("e-mail begins")
    sending.set()
    mail_server_answers.wait(20)
    print("e-mail is sent")


@post("/emails/framework")
async def with_ravyn() -> JSONResponse:
    task = ravyn.background.BackgroundTask(send_email)
    return JSONResponse({"queued": True}, status_code=202, background=task)


@post("/emails/postlude")
async def with_postlude() -> JSONResponse:
    task = BackgroundTask(send_email)
    return JSONResponse({"queued": True}, status_code=202, background=task)


@get("/catalogue")
def catalogue() -> dict[str, str]:
    print("catalogue is opened")
    return {"item": "lamp"}


@get("/status")
async def status() -> dict[str, bool]:
    return {"sending": sending.is_set()}


@post("/mail-server", status_code=202)
async def repair() -> dict[str, bool]:
    print("mail server is back")
    mail_server_answers.set()
    return {"repaired": True}


handlers = (with_ravyn, with_postlude, catalogue, status, repair)
app = Ravyn(routes=[Gateway(handler=each) for each in handlers], lifespan=lifespan)
