from postlude import BackgroundTask, PostludeMiddleware, TaskRunner, current_tasks
from receipts import send_receipt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def place(request: Request) -> JSONResponse:
    order = request.query_params["order"]
    task = BackgroundTask(send_receipt, order).with_options(task_id=order)
    current_tasks().add(task)
    return JSONResponse({"task": order}, status_code=202)


api = Starlette(routes=[Route("/orders", place, methods=["POST"])])
app = PostludeMiddleware(api, TaskRunner(max_concurrent=1))
