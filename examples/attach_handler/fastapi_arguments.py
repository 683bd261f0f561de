from fastapi import FastAPI
from fastapi.responses import JSONResponse
from postlude.frameworks.fastapi import BackgroundTask, after_response
from pydantic import BaseModel

app = FastAPI()


class User(BaseModel):
    name: str


class Visits:
    total = 0


def audit(level: str, visits: int) -> None:
    print(f"{level} task: {visits} visits")


@app.post("/users")
@after_response(BackgroundTask(audit, "handler's", Visits.total))
async def create_user(user: User) -> JSONResponse:
    Visits.total += 1
    task = BackgroundTask(audit, "response's", Visits.total)
    return JSONResponse({"created": user.name}, status_code=201, background=task)
