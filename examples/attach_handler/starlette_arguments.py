from postlude.frameworks.starlette import BackgroundTask, after_response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


class Visits:
    total = 0


def audit(level: str, visits: int) -> None:
    print(f"{level} task: {visits} visits")


@after_response(BackgroundTask(audit, "handler's", Visits.total))
async def create_user(request: Request) -> JSONResponse:
    user = await request.json()
    Visits.total += 1
    task = BackgroundTask(audit, "response's", Visits.total)
    return JSONResponse({"created": user["name"]}, status_code=201, background=task)


app = Starlette(routes=[Route("/users", create_user, methods=["POST"])])
