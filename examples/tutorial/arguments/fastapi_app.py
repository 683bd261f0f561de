from fastapi import FastAPI
from fastapi.responses import JSONResponse
from mail import send_email
from members import add_member
from postlude.frameworks.fastapi import BackgroundTask
from pydantic import BaseModel

app = FastAPI()


class SignUp(BaseModel):
    email: str


@app.post("/register")
async def register(sign_up: SignUp) -> JSONResponse:
    email = sign_up.email
    user_id = add_member(email)
    body = f"You are member {user_id}."
    task = BackgroundTask(send_email, email, subject="Welcome!", body=body)
    receipt = {"user_id": user_id, "message": "An e-mail follows."}
    return JSONResponse(receipt, status_code=201, background=task)
