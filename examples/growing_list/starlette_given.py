from postlude import PostludeMiddleware, current_tasks
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def write_audit(line: str) -> None:
    print(f"audit: {line}")


async def send_email(to: str) -> None:
    print(f"email to {to}")


def count_sale() -> None:
    print("analytics: one more sale")


def buyer(request: Request) -> str:
    email = request.query_params["email"]
    current_tasks().add_task(write_audit, f"{email} is buying")
    return email


async def buy(request: Request) -> JSONResponse:
    email = buyer(request)
    item = request.path_params["item"]
    if item == "ghost":
        raise HTTPException(409, "sold out")
    current_tasks().add_task(send_email, email)
    sale = BackgroundTask(count_sale)
    return JSONResponse({"bought": item}, status_code=201, background=sale)


site = Starlette(routes=[Route("/buy/{item}", buy, methods=["POST"])])
app = PostludeMiddleware(site)
