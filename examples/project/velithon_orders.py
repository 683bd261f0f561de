from typing import Annotated

from bookshop.orders.tasks import count_order, print_label
from postlude import current_tasks
from velithon.params import Query
from velithon.responses import JSONResponse
from velithon.routing import Router

router = Router()


@router.post("/orders")
async def place_order(number: Annotated[int, Query()]) -> JSONResponse:
    current_tasks().add_task(print_label, number)
    current_tasks().add_task(count_order, number)
    return JSONResponse({"number": number}, status_code=202)
