from mail import send_email
from members import add_member
from postlude.frameworks.ravyn import BackgroundTask
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, post


class SignUp(BaseModel):
    email: str


@post("/register")
async def register(data: SignUp) -> JSONResponse:
    email = data.email
    user_id = add_member(email)
    body = f"You are member {user_id}."
    task = BackgroundTask(send_email, email, subject="Welcome!", body=body)
    receipt = {"user_id": user_id, "message": "An e-mail follows."}
    return JSONResponse(receipt, status_code=201, background=task)


app = Ravyn(routes=[Gateway(handler=register)])
