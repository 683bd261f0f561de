from fastapi import FastAPI
from news import send_newsletter
from postlude import PostludeMiddleware
from pydantic import BaseModel

api = FastAPI()


class Newsletter(BaseModel):
    email_list: list[str]
    subject: str
    body: str


@api.post("/send-newsletter", status_code=202)
async def send(letter: Newsletter) -> dict[str, str]:
    return send_newsletter(letter.email_list, letter.subject, letter.body)


app = PostludeMiddleware(api)
