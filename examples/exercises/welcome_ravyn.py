from postlude.frameworks.ravyn import BackgroundTasks
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, post
from welcome import send_welcome, write_audit


class SignUp(BaseModel):
    email: str


@post("/register")
async def register(data: SignUp) -> JSONResponse:
    answer = {"registered": data.email}
    tasks = BackgroundTasks()
    tasks.add_task(send_welcome, data.email)
    tasks.add_task(write_audit, f"registered {data.email}")
    return JSONResponse(answer, status_code=201, background=tasks)


app = Ravyn(routes=[Gateway(handler=register)])
