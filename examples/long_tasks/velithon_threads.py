import threading
from typing import Any

import velithon.background
from postlude.frameworks.velithon import BackgroundTask
from velithon import Velithon
from velithon.responses import JSONResponse

app = Velithon()
mail_server_answers = threading.Event()
sent: list[str] = []


def send_email(to: str) -> None:
    mail_server_answers.wait(20)  # a mail server that hangs
    sent.append(to)


@app.post("/emails/framework")
async def with_velithon() -> JSONResponse:
    tasks: Any = velithon.background.BackgroundTasks()
    tasks.add_task(send_email, ("ada@example.com",))
    return JSONResponse({"queued": True}, status_code=202, background=tasks)


@app.post("/emails/postlude")
async def with_postlude() -> JSONResponse:
    task = BackgroundTask(send_email, "ada@example.com")
    return JSONResponse({"queued": True}, status_code=202, background=task)


@app.post("/mail-server/repair")
async def repair() -> JSONResponse:
    mail_server_answers.set()
    return JSONResponse({"repaired": True}, status_code=202)


def read_catalogue(page: dict[str, str]) -> None:
    page["thread"] = threading.current_thread().name


@app.get("/catalogue")
async def catalogue() -> dict[str, str]:
    page: dict[str, str] = {}
    reading: Any = velithon.background.BackgroundTasks()
    reading.add_task(read_catalogue, (page,))
    await reading()
    return page


@app.get("/emails/count")
async def count() -> dict[str, int]:
    return {"sent": len(sent)}
