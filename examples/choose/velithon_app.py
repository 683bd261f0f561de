from typing import Annotated

from postlude import BackgroundTask, TaskRunner, current_tasks
from postlude.frameworks.velithon import PostludeMiddleware
from receipts import send_receipt
from velithon import Velithon
from velithon.params import Query
from velithon.responses import JSONResponse

api = Velithon()


@api.post("/orders")
async def place(order: Annotated[str, Query()]) -> JSONResponse:
    task = BackgroundTask(send_receipt, order).with_options(task_id=order)
    current_tasks().add(task)
    return JSONResponse({"task": order}, status_code=202)


app = PostludeMiddleware(api, TaskRunner(max_concurrent=1))
