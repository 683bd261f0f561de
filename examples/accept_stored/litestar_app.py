from typing import Any

from labels import print_label, store
from litestar import Litestar, Request, Response, post
from postlude import EngineUnavailable
from postlude.frameworks.litestar import BackgroundTask


def say_later(
    request: Request[Any, Any, Any], error: EngineUnavailable
) -> Response[dict[str, str]]:
    body = {"detail": "try again later"}
    return Response(body, status_code=503, headers={"Retry-After": "5"})


def label(number: int) -> BackgroundTask:
    task = BackgroundTask(print_label, number)
    return task.with_options(engine=store, task_id=f"label-{number}")


@post("/labels", status_code=202)
async def order(number: int) -> dict[str, str]:
    handle = await label(number).submit()
    print("stored", handle.id)
    return {"task_id": handle.id}


@post("/labels/hung")
async def order_and_hope(number: int) -> Response[dict[str, str]]:
    body = {"task_id": f"label-{number}"}
    return Response(body, status_code=202, background=label(number))


app = Litestar(
    [order, order_and_hope],
    exception_handlers={EngineUnavailable: say_later},
    logging_config=None,
)
