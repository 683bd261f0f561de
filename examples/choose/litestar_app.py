from litestar import Litestar, post
from postlude import BackgroundTask, PostludeMiddleware, TaskRunner, current_tasks
from receipts import send_receipt


@post("/orders", status_code=202)
async def place(order: str) -> dict[str, str]:
    task = BackgroundTask(send_receipt, order).with_options(task_id=order)
    current_tasks().add(task)
    return {"task": order}


api = Litestar([place], logging_config=None)
app = PostludeMiddleware(api, TaskRunner(max_concurrent=1))
