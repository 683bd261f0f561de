from greet import greet
from members import add_member, members
from postlude import BackgroundTasks, PostludeMiddleware, current_tasks
from records import log_event
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def visit() -> BackgroundTasks:
    tasks = current_tasks()
    tasks.add_task(log_event, "somebody is at the door")
    return tasks


async def register(request: Request) -> JSONResponse:
    print("one list:", visit() is current_tasks())
    email = (await request.json())["email"]
    if email in members:
        raise HTTPException(409, "you are a member already")
    user_id = add_member(email)
    greet(user_id, email)
    receipt = {"user_id": user_id, "message": "An e-mail follows."}
    return JSONResponse(receipt, status_code=201)


api = Starlette(routes=[Route("/register", register, methods=["POST"])])
app = PostludeMiddleware(api)
