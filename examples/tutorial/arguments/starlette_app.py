from mail import send_email
from members import add_member
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def register(request: Request) -> JSONResponse:
    email = (await request.json())["email"]
    user_id = add_member(email)
    body = f"You are member {user_id}."
    task = BackgroundTask(send_email, email, subject="Welcome!", body=body)
    receipt = {"user_id": user_id, "message": "An e-mail follows."}
    return JSONResponse(receipt, status_code=201, background=task)


app = Starlette(routes=[Route("/register", register, methods=["POST"])])
