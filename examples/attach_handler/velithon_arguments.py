from typing import Annotated

from postlude.frameworks.velithon import BackgroundTask, after_response
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body
from velithon.responses import JSONResponse

app = Velithon()


class User(BaseModel):
    name: str


class Visits:
    total = 0


def audit(level: str, visits: int) -> None:
    print(f"{level} task: {visits} visits")


@app.post("/users")
@after_response(BackgroundTask(audit, "handler's", Visits.total))
async def create_user(user: Annotated[User, Body()]) -> JSONResponse:
    Visits.total += 1
    task = BackgroundTask(audit, "response's", Visits.total)
    return JSONResponse({"created": user.name}, status_code=201, background=task)
