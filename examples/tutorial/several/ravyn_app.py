from mail import send_email
from members import add_member
from postlude.frameworks.ravyn import BackgroundTasks
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, post
from records import count_members, log_event


class SignUp(BaseModel):
    email: str


@post("/register")
async def register(data: SignUp) -> JSONResponse:
    email = data.email
    user_id = add_member(email)
    body = f"You are member {user_id}."
    tasks = BackgroundTasks()
    tasks.add_task(send_email, email, subject="Welcome!", body=body)
    tasks.add_task(send_email, "admin@example.com", subject="New member", body=email)
    tasks.add_task(log_event, f"member {user_id} registered")
    tasks.add_task(count_members)
    receipt = {"user_id": user_id, "message": "An e-mail follows."}
    return JSONResponse(receipt, status_code=201, background=tasks)


app = Ravyn(routes=[Gateway(handler=register)])
