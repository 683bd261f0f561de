from postlude.frameworks.ravyn import BackgroundTask, after_response
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, post


class User(BaseModel):
    name: str


class Visits:
    total = 0


def audit(level: str, visits: int) -> None:
    print(f"{level} task: {visits} visits")


@post("/users")
@after_response(BackgroundTask(audit, "handler's", Visits.total))
async def create_user(data: User) -> JSONResponse:
    Visits.total += 1
    task = BackgroundTask(audit, "response's", Visits.total)
    return JSONResponse({"created": data.name}, status_code=201, background=task)


app = Ravyn(routes=[Gateway(handler=create_user)])
