from labels import print_label, store
from postlude import EngineUnavailable
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, Request, Response, post


def say_later(request: Request, error: Exception) -> Response[dict[str, str]]:
    return Response(
        {"detail": "try again later"},
        status_code=503,
        headers={"Retry-After": "5"},
        media_type="application/json",
    )


def label(number: int) -> BackgroundTask:
    task = BackgroundTask(print_label, number)
    return task.with_options(engine=store, task_id=f"label-{number}")


@post("/labels")
async def order(number: int) -> JSONResponse:
    handle = await label(number).submit()
    print("stored", handle.id)
    return JSONResponse({"task_id": handle.id}, status_code=202)


@post("/labels/hung")
async def order_and_hope(number: int) -> JSONResponse:
    body = {"task_id": f"label-{number}"}
    return JSONResponse(body, status_code=202, background=label(number))


app = Ravyn(
    routes=[Gateway(handler=each) for each in (order, order_and_hope)],
    exception_handlers={EngineUnavailable: say_later},
)
