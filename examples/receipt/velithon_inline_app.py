import asyncio
from typing import Annotated

from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body
from velithon.responses import JSONResponse

app = Velithon()


class SignUp(BaseModel):
    email: str


async def save_account(email: str) -> int:
    await asyncio.sleep(0.05)  # the database
    print(f"saved the account of {email}")
    return 123


async def send_welcome_email(email: str) -> None:
    print(f"sending the welcome e-mail to {email}")
    await asyncio.sleep(2)  # the mail server
    print(f"sent the welcome e-mail to {email}")


@app.post("/register")
async def register(sign_up: Annotated[SignUp, Body()]) -> JSONResponse:
    email = sign_up.email
    user_id = await save_account(email)
    await send_welcome_email(email)
    receipt = {"user_id": user_id, "message": "An e-mail follows."}
    return JSONResponse(receipt, status_code=201)
