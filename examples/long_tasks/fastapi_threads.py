import threading

import fastapi
from fastapi.responses import JSONResponse
from postlude.frameworks.fastapi import BackgroundTask

app = fastapi.FastAPI()
mail_server_answers = threading.Event()
sent: list[str] = []


def send_email(to: str) -> None:
    mail_server_answers.wait(20)  # a mail server that hangs
    sent.append(to)


@app.post("/emails/framework", status_code=202)
async def with_fastapi(tasks: fastapi.BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(send_email, "ada@example.com")
    return {"queued": True}


@app.post("/emails/postlude")
async def with_postlude() -> JSONResponse:
    task = BackgroundTask(send_email, "ada@example.com")
    return JSONResponse({"queued": True}, status_code=202, background=task)


@app.post("/mail-server/repair", status_code=202)
async def repair() -> dict[str, bool]:
    mail_server_answers.set()
    return {"repaired": True}


@app.get("/catalogue")
def catalogue() -> dict[str, str]:
    return {"thread": threading.current_thread().name}


@app.get("/emails/count")
async def count() -> dict[str, int]:
    return {"sent": len(sent)}
