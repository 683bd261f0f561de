from postlude import BackgroundTask, PostludeMiddleware, TaskRunner, current_tasks
from ravyn import Gateway, JSONResponse, Ravyn, post
from receipts import send_receipt


@post("/orders")
async def place(order: str) -> JSONResponse:
    task = BackgroundTask(send_receipt, order).with_options(task_id=order)
    current_tasks().add(task)
    return JSONResponse({"task": order}, status_code=202)


api = Ravyn(routes=[Gateway(handler=place)])
app = PostludeMiddleware(api, TaskRunner(max_concurrent=1))
