from typing import Any

from accounts import register
from fastapi import FastAPI
from postlude import PostludeMiddleware
from pydantic import BaseModel

api = FastAPI()


class NewUser(BaseModel):
    email: str
    password: str


@api.post("/register", status_code=201)
def register_user(user: NewUser) -> dict[str, Any]:
    return register(user.email, user.password)


app = PostludeMiddleware(api)
