import threading

import litestar.background_tasks
from litestar import Litestar, Response, get, post
from postlude.frameworks.litestar import BackgroundTask

mail_server_answers = threading.Event()
sent: list[str] = []


def send_email(to: str) -> None:
    mail_server_answers.wait(20)  # a mail server that hangs
    sent.append(to)


@post("/emails/framework")
async def with_litestar() -> Response[dict[str, bool]]:
    task = litestar.background_tasks.BackgroundTask(send_email, "ada@example.com")
    return Response({"queued": True}, status_code=202, background=task)


@post("/emails/postlude")
async def with_postlude() -> Response[dict[str, bool]]:
    task = BackgroundTask(send_email, "ada@example.com")
    return Response({"queued": True}, status_code=202, background=task)


@post("/mail-server/repair", status_code=202)
async def repair() -> dict[str, bool]:
    mail_server_answers.set()
    return {"repaired": True}


@get("/catalogue", sync_to_thread=True)
def catalogue() -> dict[str, str]:
    return {"thread": threading.current_thread().name}


@get("/emails/count")
async def count() -> dict[str, int]:
    return {"sent": len(sent)}


app = Litestar([with_litestar, with_postlude, repair, catalogue, count])
