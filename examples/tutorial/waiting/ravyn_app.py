from extras import draw_avatar, subscribe
from mail import send_email
from members import add_member, members
from postlude.frameworks.ravyn import BackgroundTasks
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, get, post
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
    tasks.add_task(subscribe, email)
    tasks.add_task(draw_avatar, user_id)
    receipt = {"user_id": user_id, "message": "An e-mail follows."}
    return JSONResponse(receipt, status_code=201, background=tasks)


@get("/members")
async def list_members() -> JSONResponse:
    print("listing the members")
    return JSONResponse(members)


app = Ravyn(routes=[Gateway(handler=register), Gateway(handler=list_members)])
