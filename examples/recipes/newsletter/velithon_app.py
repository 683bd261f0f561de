from typing import Annotated

from news import send_newsletter
from postlude.frameworks.velithon import PostludeMiddleware
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body
from velithon.responses import JSONResponse

api = Velithon()


class Newsletter(BaseModel):
    email_list: list[str]
    subject: str
    body: str


@api.post("/send-newsletter")
async def send(letter: Annotated[Newsletter, Body()]) -> JSONResponse:
    answer = send_newsletter(letter.email_list, letter.subject, letter.body)
    return JSONResponse(answer, status_code=202)


app = PostludeMiddleware(api)
