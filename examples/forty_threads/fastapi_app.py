import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import fastapi
from anyio import to_thread
from fastapi.responses import JSONResponse
from postlude.frameworks.fastapi import BackgroundTask


@asynccontextmanager
async def lifespan(app: fastapi.FastAPI) -> AsyncGenerator[None]:
    limiter = to_thread.current_default_thread_limiter()
    print(f"{limiter.total_tokens} threads for def endpoints, we take 1")
    limiter.total_tokens = 1
    yield


app = fastapi.FastAPI(lifespan=lifespan)
mail_server_answers, sending = threading.Event(), threading.Event()


def send_email() -> None:
    print("e-mail begins")
    sending.set()
    mail_server_answers.wait(20)
    print("e-mail is sent")


@app.post("/emails/framework", status_code=202)
async def with_fastapi(tasks: fastapi.BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(send_email)
    return {"queued": True}


@app.post("/emails/postlude")
async def with_postlude() -> JSONResponse:
    task = BackgroundTask(send_email)
    return JSONResponse({"queued": True}, status_code=202, background=task)


@app.get("/catalogue")
def catalogue() -> dict[str, str]:
    print("catalogue is opened")
    return {"item": "lamp"}


@app.get("/status")
async def status() -> dict[str, bool]:
    return {"sending": sending.is_set()}


@app.post("/mail-server", status_code=202)
async def repair() -> dict[str, bool]:
    print("mail server is back")
    mail_server_answers.set()
    return {"repaired": True}
