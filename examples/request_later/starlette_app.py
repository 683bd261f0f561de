import asyncio

from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def write_visit(request: Request) -> None:
    print("somebody is here")
    await asyncio.sleep(0.1)  # the response is long gone
    print(f"visit: {request.method} {request.url.path}")
    print(f"with {request.headers['user-agent']}")


async def save_message(request: Request) -> None:
    body = await request.body()
    print("saved:", body.decode())


def save_text(email: str, text: str) -> None:
    print(f"saved: {text} (from {email})")


async def visit(request: Request) -> JSONResponse:
    task = BackgroundTask(write_visit, request)
    return JSONResponse({"seen": True}, status_code=202, background=task)


async def wrong(request: Request) -> JSONResponse:
    task = BackgroundTask(save_message, request)
    return JSONResponse({"received": True}, status_code=202, background=task)


async def read_first(request: Request) -> JSONResponse:
    await request.body()
    task = BackgroundTask(save_message, request)
    return JSONResponse({"received": True}, status_code=202, background=task)


async def right(request: Request) -> JSONResponse:
    message = await request.json()
    task = BackgroundTask(save_text, message["email"], message["text"])
    return JSONResponse({"received": True}, status_code=202, background=task)


app = Starlette(
    routes=[
        Route("/visits", visit, methods=["POST"]),
        Route("/messages/wrong", wrong, methods=["POST"]),
        Route("/messages/read-first", read_first, methods=["POST"]),
        Route("/messages/right", right, methods=["POST"]),
    ]
)
