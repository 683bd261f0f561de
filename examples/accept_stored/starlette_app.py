from labels import print_label, store
from postlude import EngineUnavailable
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def say_later(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "try again later"}, 503, {"Retry-After": "5"})


def label(request: Request) -> BackgroundTask:
    number = int(request.query_params["number"])
    task = BackgroundTask(print_label, number)
    return task.with_options(engine=store, task_id=f"label-{number}")


async def order(request: Request) -> JSONResponse:
    handle = await label(request).submit()
    print("stored", handle.id)
    return JSONResponse({"task_id": handle.id}, 202)


async def order_and_hope(request: Request) -> JSONResponse:
    body = {"task_id": f"label-{request.query_params['number']}"}
    return JSONResponse(body, 202, background=label(request))


app = Starlette(
    routes=[
        Route("/labels", order, methods=["POST"]),
        Route("/labels/hung", order_and_hope, methods=["POST"]),
    ],
    exception_handlers={EngineUnavailable: say_later},
)
