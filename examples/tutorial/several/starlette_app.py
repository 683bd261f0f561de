from mail import send_email
from members import add_member
from postlude.frameworks.starlette import BackgroundTasks
from records import count_members, log_event
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def register(request: Request) -> JSONResponse:
    email = (await request.json())["email"]
    user_id = add_member(email)
    body = f"You are member {user_id}."
    tasks = BackgroundTasks()
    tasks.add_task(send_email, email, subject="Welcome!", body=body)
    tasks.add_task(send_email, "admin@example.com", subject="New member", body=email)
    tasks.add_task(log_event, f"member {user_id} registered")
    tasks.add_task(count_members)
    receipt = {"user_id": user_id, "message": "An e-mail follows."}
    return JSONResponse(receipt, status_code=201, background=tasks)


app = Starlette(routes=[Route("/register", register, methods=["POST"])])
