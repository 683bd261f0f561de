from lilya.apps import Lilya
from lilya.requests import Request
from lilya.responses import JSONResponse
from lilya.routing import Path
from postlude import PostludeMiddleware, current_tasks


async def print_invoice(number: int) -> None:
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


def welcome(name: str) -> str:  # knows nothing of requests or responses
    current_tasks().add_task(write_audit, f"{name} places an order")
    return name


async def place_order(request: Request, number: int) -> JSONResponse:
    thanks = welcome(request.query_params["name"])
    current_tasks().add_task(print_invoice, number)
    return JSONResponse({"thanks": thanks}, status_code=202)


routes = [Path("/orders/{number:int}", place_order, methods=["POST"])]
app = PostludeMiddleware(Lilya(routes=routes))
