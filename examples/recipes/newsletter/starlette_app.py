from news import send_newsletter
from postlude import PostludeMiddleware
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def send(request: Request) -> JSONResponse:
    letter = await request.json()
    readers, subject = letter["email_list"], letter["subject"]
    answer = send_newsletter(readers, subject, letter["body"])
    return JSONResponse(answer, status_code=202)


api = Starlette(routes=[Route("/send-newsletter", send, methods=["POST"])])
app = PostludeMiddleware(api)
