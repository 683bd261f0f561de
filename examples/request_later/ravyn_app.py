import asyncio

from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, Request, post


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


@post("/visits")
async def visit(request: Request) -> JSONResponse:
    task = BackgroundTask(write_visit, request)
    return JSONResponse({"seen": True}, status_code=202, background=task)


@post("/messages/wrong")
async def wrong(request: Request) -> JSONResponse:
    task = BackgroundTask(save_message, request)
    return JSONResponse({"received": True}, status_code=202, background=task)


@post("/messages/read-first")
async def read_first(request: Request) -> JSONResponse:
    await request.body()
    task = BackgroundTask(save_message, request)
    return JSONResponse({"received": True}, status_code=202, background=task)


@post("/messages/right")
async def right(data: dict[str, str]) -> JSONResponse:
    task = BackgroundTask(save_text, data["email"], data["text"])
    return JSONResponse({"received": True}, status_code=202, background=task)


app = Ravyn(
    routes=[
        Gateway(handler=visit),
        Gateway(handler=wrong),
        Gateway(handler=read_first),
        Gateway(handler=right),
    ]
)
