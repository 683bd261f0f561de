import asyncio
from typing import Annotated

from postlude.frameworks.velithon import BackgroundTask
from velithon import Velithon
from velithon.params import Path
from velithon.responses import JSONResponse

app = Velithon()


async def send_welcome_email(name: str) -> None:
    print(f"sending an e-mail to {name}")
    await asyncio.sleep(2)
    print(f"sent an e-mail to {name}")


@app.post("/users/{name}")
async def add_user(name: Annotated[str, Path()]) -> JSONResponse:
    task = BackgroundTask(send_welcome_email, name)
    return JSONResponse({"added": name}, status_code=201, background=task)
