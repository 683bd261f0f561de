from dataclasses import dataclass

from greet import greet
from litestar import Litestar, post
from litestar.di import Provide
from litestar.exceptions import HTTPException
from members import add_member, members
from postlude import BackgroundTasks, current_tasks
from postlude.frameworks.litestar import PostludePlugin
from records import log_event


@dataclass
class SignUp:
    email: str


async def provide_visit(tasks: BackgroundTasks) -> BackgroundTasks:
    tasks.add_task(log_event, "somebody is at the door")
    return tasks


@post("/register", dependencies={"visit": Provide(provide_visit)})
async def register(
    data: SignUp, visit: BackgroundTasks, tasks: BackgroundTasks
) -> dict[str, object]:
    print("one list:", visit is tasks is current_tasks())
    if data.email in members:
        raise HTTPException("you are a member already", status_code=409)
    user_id = add_member(data.email)
    greet(user_id, data.email)
    return {"user_id": user_id, "message": "An e-mail follows."}


app = Litestar([register], plugins=[PostludePlugin()], logging_config=None)
