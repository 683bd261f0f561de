from bookshop.members.tasks import welcome
from postlude import current_tasks
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def add_member(request: Request) -> JSONResponse:
    email = request.query_params["email"]
    current_tasks().add_task(welcome, email)
    return JSONResponse({"added": email}, status_code=201)


routes = [Route("/members", add_member, methods=["POST"])]
