from fastapi import FastAPI
from fastapi.responses import JSONResponse
from postlude.frameworks.fastapi import BackgroundTasks
from pydantic import BaseModel
from welcome import send_welcome, write_audit

app = FastAPI()


class SignUp(BaseModel):
    email: str


@app.post("/register")
async def register(sign_up: SignUp) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(send_welcome, sign_up.email)
    tasks.add_task(write_audit, f"registered {sign_up.email}")
    return JSONResponse({"registered": sign_up.email}, 201, background=tasks)
