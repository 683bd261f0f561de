from dataclasses import dataclass

from litestar import Litestar, Response, post
from mail import send_email
from members import add_member
from postlude.frameworks.litestar import BackgroundTask


@dataclass
class SignUp:
    email: str


@post("/register")
async def register(data: SignUp) -> Response[dict[str, object]]:
    email = data.email
    user_id = add_member(email)
    body = f"You are member {user_id}."
    task = BackgroundTask(send_email, email, subject="Welcome!", body=body)
    receipt: dict[str, object] = {"user_id": user_id, "message": "An e-mail follows."}
    return Response(receipt, status_code=201, background=task)


app = Litestar([register])
