from typing import Annotated

from mail import send_email
from members import add_member
from postlude.frameworks.velithon import BackgroundTask
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body
from velithon.responses import JSONResponse

app = Velithon()


class SignUp(BaseModel):
    email: str


@app.post("/register")
async def register(sign_up: Annotated[SignUp, Body()]) -> JSONResponse:
    email = sign_up.email
    user_id = add_member(email)
    body = f"You are member {user_id}."
    task = BackgroundTask(send_email, email, subject="Welcome!", body=body)
    receipt = {"user_id": user_id, "message": "An e-mail follows."}
    return JSONResponse(receipt, status_code=201, background=task)
