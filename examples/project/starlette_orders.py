from bookshop.orders.tasks import count_order, print_label
from postlude import current_tasks
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def place_order(request: Request) -> JSONResponse:
    number = int(request.query_params["number"])
    current_tasks().add_task(print_label, number)
    current_tasks().add_task(count_order, number)
    return JSONResponse({"number": number}, status_code=202)


routes = [Route("/orders", place_order, methods=["POST"])]
