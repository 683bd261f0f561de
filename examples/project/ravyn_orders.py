from bookshop.orders.tasks import count_order, print_label
from postlude import current_tasks
from ravyn import Gateway, JSONResponse, post


@post("/orders")
async def place_order(number: int) -> JSONResponse:
    current_tasks().add_task(print_label, number)
    current_tasks().add_task(count_order, number)
    return JSONResponse({"number": number}, status_code=202)


routes = [Gateway(handler=place_order)]
