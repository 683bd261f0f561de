import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import litestar.background_tasks
from litestar import Litestar, Response, get, post
from postlude.frameworks.litestar import BackgroundTask

mail_server_answers, sending = threading.Event(), threading.Event()


async def take_one_thread() -> None:
    print("asyncio's threads for def endpoints, we take 1")
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))


def send_email() -> None:
    print("e-mail begins")
    sending.set()
    mail_server_answers.wait(20)
    print("e-mail is sent")


@post("/emails/framework")
async def with_litestar() -> Response[dict[str, bool]]:
    task = litestar.background_tasks.BackgroundTask(send_email)
    return Response({"queued": True}, status_code=202, background=task)


@post("/emails/postlude")
async def with_postlude() -> Response[dict[str, bool]]:
    task = BackgroundTask(send_email)
    return Response({"queued": True}, status_code=202, background=task)


@get("/catalogue", sync_to_thread=True)
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


app = Litestar(
    [with_litestar, with_postlude, catalogue, status, repair],
    on_startup=[take_one_thread],
)
