from fastapi import APIRouter
from postlude import BackgroundTask, RetryPolicy
from postlude.frameworks.fastapi import Tasks
from receipts import send_receipt

router = APIRouter()
policy = RetryPolicy(max_retries=2, initial_delay=0.1)


@router.post("/orders", status_code=202)
async def place(order: str, tasks: Tasks) -> dict[str, str]:
    task = BackgroundTask(send_receipt, order).with_options(task_id=order)
    if order == "retried":
        task = task.with_options(retry_policy=policy)
    tasks.add(task)
    return {"task": order}
