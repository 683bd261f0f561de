import asyncio

from lilya.apps import Lilya
from lilya.responses import JSONResponse
from lilya.routing import Path
from postlude.frameworks.lilya import BackgroundTask


async def send_welcome_email(name: str) -> None:
    print(f"sending an e-mail to {name}")
    await asyncio.sleep(2)
    print(f"sent an e-mail to {name}")


async def add_user(name: str) -> JSONResponse:
    task = BackgroundTask(send_welcome_email, name)
    return JSONResponse({"added": name}, status_code=201, background=task)


app = Lilya(routes=[Path("/users/{name}", add_user, methods=["POST"])])
