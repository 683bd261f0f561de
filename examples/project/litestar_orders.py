from bookshop.orders.tasks import count_order, print_label
from litestar import Router, post
from postlude import current_tasks


@post(status_code=202)
async def place_order(number: int) -> dict[str, int]:
    current_tasks().add_task(print_label, number)
    current_tasks().add_task(count_order, number)
    return {"number": number}


router = Router("/orders", route_handlers=[place_order])
