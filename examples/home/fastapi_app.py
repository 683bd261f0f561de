import asyncio

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from postlude.frameworks.fastapi import BackgroundTask

app = FastAPI()


async def send_welcome_email(name: str) -> None:
    print(f"sending an e-mail to {name}")
    await asyncio.sleep(2)
    print(f"sent an e-mail to {name}")


@app.post("/users/{name}")
async def add_user(name: str) -> JSONResponse:
    task = BackgroundTask(send_welcome_email, name)
    return JSONResponse({"added": name}, status_code=201, background=task)
