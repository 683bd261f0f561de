from dataclasses import dataclass

from litestar import Litestar, Response, post
from postlude.frameworks.litestar import BackgroundTasks
from welcome import send_welcome, write_audit


@dataclass
class SignUp:
    email: str


@post("/register")
async def register(data: SignUp) -> Response[dict[str, str]]:
    tasks = BackgroundTasks()
    tasks.add_task(send_welcome, data.email)
    tasks.add_task(write_audit, f"registered {data.email}")
    return Response({"registered": data.email}, status_code=201, background=tasks)


app = Litestar([register])
