from typing import Annotated

from postlude.frameworks.velithon import BackgroundTasks
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body
from velithon.responses import JSONResponse
from welcome import send_welcome, write_audit

app = Velithon()


class SignUp(BaseModel):
    email: str


@app.post("/register")
async def register(sign_up: Annotated[SignUp, Body()]) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(send_welcome, sign_up.email)
    tasks.add_task(write_audit, f"registered {sign_up.email}")
    return JSONResponse({"registered": sign_up.email}, 201, background=tasks)
