import asyncio
from typing import Any

from litestar import Litestar, Request, Response, post
from postlude.frameworks.litestar import BackgroundTask

Incoming = Request[Any, Any, Any]
Answer = Response[dict[str, bool]]


async def write_visit(request: Incoming) -> None:
    print("somebody is here")
    await asyncio.sleep(0.1)  # the response is long gone
    print(f"visit: {request.method} {request.url.path}")
    print(f"with {request.headers['user-agent']}")


async def save_message(request: Incoming) -> None:
    body = await request.body()
    print("saved:", body.decode())


def save_text(email: str, text: str) -> None:
    print(f"saved: {text} (from {email})")


@post("/visits")
async def visit(request: Incoming) -> Answer:
    task = BackgroundTask(write_visit, request)
    return Response({"seen": True}, status_code=202, background=task)


@post("/messages/wrong")
async def wrong(request: Incoming) -> Answer:
    task = BackgroundTask(save_message, request)
    return Response({"received": True}, status_code=202, background=task)


@post("/messages/read-first")
async def read_first(request: Incoming) -> Answer:
    await request.body()
    task = BackgroundTask(save_message, request)
    return Response({"received": True}, status_code=202, background=task)


@post("/messages/right")
async def right(data: dict[str, str]) -> Answer:
    task = BackgroundTask(save_text, data["email"], data["text"])
    return Response({"received": True}, status_code=202, background=task)


# Without Litestar's own logging set-up, log lines come in the order of events.
app = Litestar([visit, wrong, read_first, right], logging_config=None)
