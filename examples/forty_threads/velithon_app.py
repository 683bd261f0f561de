import os
import threading
from typing import Any

import velithon.background
from postlude.frameworks.velithon import BackgroundTask
from velithon import Velithon
from velithon.responses import JSONResponse

app = Velithon()
mail_server_answers, sending = threading.Event(), threading.Event()


@app.on_startup()  # type: ignore[func-returns-value, misc]  # annotated as None
async def take_one_thread() -> None:
    print(f"{os.cpu_count()} threads for def tasks, we take 1")
    os.environ["TOKIO_WORKER_THREADS"] = "1"  # tokio has Velithon's threads


def send_email() -> None:
    print("e-mail begins")
    sending.set()
    mail_server_answers.wait(20)
    print("e-mail is sent")


@app.post("/emails/framework")
async def with_velithon() -> JSONResponse:
    tasks: Any = velithon.background.BackgroundTasks()
    tasks.add_task(send_email)
    return JSONResponse({"queued": True}, status_code=202, background=tasks)


@app.post("/emails/postlude")
async def with_postlude() -> JSONResponse:
    task = BackgroundTask(send_email)
    return JSONResponse({"queued": True}, status_code=202, background=task)


def read_catalogue() -> None:
    print("catalogue is opened")


@app.get("/catalogue")
async def catalogue() -> dict[str, str]:
    reading: Any = velithon.background.BackgroundTasks()
    reading.add_task(read_catalogue)
    await reading()
    return {"item": "lamp"}


@app.get("/status")
async def status() -> dict[str, bool]:
    return {"sending": sending.is_set()}


@app.post("/mail-server")
async def repair() -> JSONResponse:
    print("mail server is back")
    mail_server_answers.set()
    return JSONResponse({"repaired": True}, status_code=202)
