from greet import greet
from members import add_member, members
from postlude import BackgroundTasks, PostludeMiddleware, current_tasks
from pydantic import BaseModel
from ravyn import Gateway, HTTPException, Inject, JSONResponse, Ravyn, post
from records import log_event


class SignUp(BaseModel):
    email: str


def provide_visit() -> BackgroundTasks:
    tasks = current_tasks()
    tasks.add_task(log_event, "somebody is at the door")
    return tasks


@post("/register", dependencies={"visit": Inject(provide_visit)})
async def register(data: SignUp, visit: BackgroundTasks) -> JSONResponse:
    print("one list:", visit is current_tasks())
    if data.email in members:
        raise HTTPException(status_code=409, detail="you are a member already")
    user_id = add_member(data.email)
    greet(user_id, data.email)
    receipt = {"user_id": user_id, "message": "An e-mail follows."}
    return JSONResponse(receipt, status_code=201)


app = PostludeMiddleware(Ravyn(routes=[Gateway(handler=register)]))
