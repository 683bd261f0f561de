from accounts import register
from postlude import PostludeMiddleware
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, post


class NewUser(BaseModel):
    email: str
    password: str


@post("/register")
def register_user(data: NewUser) -> JSONResponse:
    answer = register(data.email, data.password)
    return JSONResponse(answer, status_code=201)


app = PostludeMiddleware(Ravyn(routes=[Gateway(handler=register_user)]))
