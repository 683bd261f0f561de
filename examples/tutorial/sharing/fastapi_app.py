from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from greet import greet
from members import add_member, members
from postlude import BackgroundTasks, PostludeMiddleware, current_tasks
from postlude.frameworks.fastapi import Tasks
from pydantic import BaseModel
from records import log_event

api = FastAPI()


class SignUp(BaseModel):
    email: str


def visit(tasks: Tasks) -> BackgroundTasks:
    tasks.add_task(log_event, "somebody is at the door")
    return tasks


Visit = Annotated[BackgroundTasks, Depends(visit)]


@api.post("/register", status_code=201)
async def register(sign_up: SignUp, visit: Visit, tasks: Tasks) -> dict[str, object]:
    print("one list:", visit is tasks is current_tasks())
    if sign_up.email in members:
        raise HTTPException(409, "you are a member already")
    user_id = add_member(sign_up.email)
    greet(user_id, sign_up.email)
    return {"user_id": user_id, "message": "An e-mail follows."}


app = PostludeMiddleware(api)
