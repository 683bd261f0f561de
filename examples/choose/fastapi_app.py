from fastapi import FastAPI
from postlude import BackgroundTask, PostludeMiddleware, TaskRunner
from postlude.frameworks.fastapi import Tasks
from receipts import send_receipt

api = FastAPI()


@api.post("/orders", status_code=202)
async def place(order: str, tasks: Tasks) -> dict[str, str]:
    tasks.add(BackgroundTask(send_receipt, order).with_options(task_id=order))
    return {"task": order}


app = PostludeMiddleware(api, TaskRunner(max_concurrent=1))
