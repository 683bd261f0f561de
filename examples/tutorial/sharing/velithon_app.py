from typing import Annotated

from greet import greet
from members import add_member, members
from postlude import BackgroundTasks, current_tasks
from postlude.frameworks.velithon import PostludeMiddleware
from pydantic import BaseModel
from records import log_event
from velithon import Velithon
from velithon.params import Body
from velithon.responses import JSONResponse

api = Velithon()


class SignUp(BaseModel):
    email: str


def visit() -> BackgroundTasks:
    tasks = current_tasks()
    tasks.add_task(log_event, "somebody is at the door")
    return tasks


@api.post("/register")
async def register(sign_up: Annotated[SignUp, Body()]) -> JSONResponse:
    print("one list:", visit() is current_tasks())
    if sign_up.email in members:
        refusal = {"detail": "you are a member already"}
        return JSONResponse(refusal, status_code=409)
    user_id = add_member(sign_up.email)
    greet(user_id, sign_up.email)
    receipt = {"user_id": user_id, "message": "An e-mail follows."}
    return JSONResponse(receipt, status_code=201)


app = PostludeMiddleware(api)
