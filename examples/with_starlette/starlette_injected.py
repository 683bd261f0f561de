from postlude import PostludeMiddleware, current_tasks
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def print_invoice(number: int) -> None:
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


def welcome(name: str) -> str:  # knows nothing of requests or responses
    current_tasks().add_task(write_audit, f"{name} places an order")
    return name


async def place_order(request: Request) -> JSONResponse:
    thanks = welcome(request.query_params["name"])
    current_tasks().add_task(print_invoice, request.path_params["number"])
    return JSONResponse({"thanks": thanks}, status_code=202)


routes = [Route("/orders/{number:int}", place_order, methods=["POST"])]
app = PostludeMiddleware(Starlette(routes=routes))
