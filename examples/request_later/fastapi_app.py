import asyncio
from typing import Annotated

from fastapi import Body, FastAPI, Request
from fastapi.responses import JSONResponse
from postlude.frameworks.fastapi import BackgroundTask

app = FastAPI()
Field = Annotated[str, Body()]


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


@app.post("/visits")
async def visit(request: Request) -> JSONResponse:
    task = BackgroundTask(write_visit, request)
    return JSONResponse({"seen": True}, status_code=202, background=task)


@app.post("/messages/wrong")
async def wrong(request: Request) -> JSONResponse:
    task = BackgroundTask(save_message, request)
    return JSONResponse({"received": True}, status_code=202, background=task)


@app.post("/messages/read-first")
async def read_first(request: Request) -> JSONResponse:
    await request.body()
    task = BackgroundTask(save_message, request)
    return JSONResponse({"received": True}, status_code=202, background=task)


@app.post("/messages/right")
async def right(email: Field, text: Field) -> JSONResponse:
    task = BackgroundTask(save_text, email, text)
    return JSONResponse({"received": True}, status_code=202, background=task)
