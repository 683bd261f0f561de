import asyncio
from typing import Annotated

from postlude.frameworks.velithon import BackgroundTask
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body
from velithon.requests import Request
from velithon.responses import JSONResponse

app = Velithon()


class Message(BaseModel):
    email: str
    text: str


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
async def right(message: Annotated[Message, Body()]) -> JSONResponse:
    task = BackgroundTask(save_text, message.email, message.text)
    return JSONResponse({"received": True}, status_code=202, background=task)
