from postlude.frameworks.starlette import BackgroundTasks
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from welcome import send_welcome, write_audit


async def register(request: Request) -> JSONResponse:
    email = (await request.json())["email"]
    tasks = BackgroundTasks()
    tasks.add_task(send_welcome, email)
    tasks.add_task(write_audit, f"registered {email}")
    return JSONResponse({"registered": email}, 201, background=tasks)


app = Starlette(routes=[Route("/register", register, methods=["POST"])])
