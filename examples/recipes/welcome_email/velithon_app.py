import asyncio
from typing import Annotated

from accounts import register
from postlude.frameworks.velithon import PostludeMiddleware
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body
from velithon.responses import JSONResponse

api = Velithon()


class NewUser(BaseModel):
    email: str
    password: str


@api.post("/register")
async def register_user(user: Annotated[NewUser, Body()]) -> JSONResponse:
    answer = await asyncio.to_thread(register, user.email, user.password)
    return JSONResponse(answer, status_code=201)


app = PostludeMiddleware(api)
