import asyncio

from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, post


async def send_welcome_email(name: str) -> None:
    print(f"sending an e-mail to {name}")
    await asyncio.sleep(2)
    print(f"sent an e-mail to {name}")


@post("/users/{name}")
async def add_user(name: str) -> JSONResponse:
    task = BackgroundTask(send_welcome_email, name)
    return JSONResponse({"added": name}, status_code=201, background=task)


app = Ravyn(routes=[Gateway(handler=add_user)])
