import asyncio

from litestar import Litestar, Response, post
from postlude.frameworks.litestar import BackgroundTask


async def send_welcome_email(name: str) -> None:
    print(f"sending an e-mail to {name}")
    await asyncio.sleep(2)
    print(f"sent an e-mail to {name}")


@post("/users/{name:str}")
async def add_user(name: str) -> Response[dict[str, str]]:
    task = BackgroundTask(send_welcome_email, name)
    return Response({"added": name}, status_code=201, background=task)


app = Litestar([add_user])
