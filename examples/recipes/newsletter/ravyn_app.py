from news import send_newsletter
from postlude import PostludeMiddleware
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, post


class Newsletter(BaseModel):
    email_list: list[str]
    subject: str
    body: str


@post("/send-newsletter")
async def send(data: Newsletter) -> JSONResponse:
    answer = send_newsletter(data.email_list, data.subject, data.body)
    return JSONResponse(answer, status_code=202)


app = PostludeMiddleware(Ravyn(routes=[Gateway(handler=send)]))
