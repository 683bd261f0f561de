from dataclasses import dataclass

from litestar import Litestar, post
from news import send_newsletter
from postlude import PostludeMiddleware


@dataclass
class Newsletter:
    email_list: list[str]
    subject: str
    body: str


@post("/send-newsletter", status_code=202)
async def send(data: Newsletter) -> dict[str, str]:
    return send_newsletter(data.email_list, data.subject, data.body)


app = PostludeMiddleware(Litestar([send], logging_config=None))
