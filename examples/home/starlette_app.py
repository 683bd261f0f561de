import asyncio

from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def send_welcome_email(name: str) -> None:
    print(f"sending an e-mail to {name}")
    await asyncio.sleep(2)
    print(f"sent an e-mail to {name}")


async def add_user(request: Request) -> JSONResponse:
    name = request.path_params["name"]
    task = BackgroundTask(send_welcome_email, name)
    return JSONResponse({"added": name}, status_code=201, background=task)


app = Starlette(routes=[Route("/users/{name}", add_user, methods=["POST"])])
