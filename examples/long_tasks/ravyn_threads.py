import threading

import ravyn.background
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, get, post

mail_server_answers = threading.Event()
sent: list[str] = []


def send_email(to: str) -> None:
    mail_server_answers.wait(20)  # a mail server that hangs
    sent.append(to)


@post("/emails/framework")
async def with_ravyn() -> JSONResponse:
    task = ravyn.background.BackgroundTask(send_email, "ada@example.com")
    return JSONResponse({"queued": True}, status_code=202, background=task)


@post("/emails/postlude")
async def with_postlude() -> JSONResponse:
    task = BackgroundTask(send_email, "ada@example.com")
    return JSONResponse({"queued": True}, status_code=202, background=task)


@post("/mail-server/repair", status_code=202)
async def repair() -> dict[str, bool]:
    mail_server_answers.set()
    return {"repaired": True}


@get("/catalogue")
def catalogue() -> dict[str, str]:
    return {"thread": threading.current_thread().name}


@get("/emails/count")
async def count() -> dict[str, int]:
    return {"sent": len(sent)}


app = Ravyn(
    routes=[
        Gateway(handler=with_ravyn),
        Gateway(handler=with_postlude),
        Gateway(handler=repair),
        Gateway(handler=catalogue),
        Gateway(handler=count),
    ]
)
