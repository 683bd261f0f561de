from bookshop.orders.tasks import count_order, print_label
from fastapi import APIRouter
from postlude import current_tasks

router = APIRouter(prefix="/orders")


@router.post("", status_code=202)
async def place_order(number: int) -> dict[str, int]:
    current_tasks().add_task(print_label, number)
    current_tasks().add_task(count_order, number)
    return {"number": number}
