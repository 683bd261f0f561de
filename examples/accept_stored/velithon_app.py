from typing import Annotated

from labels import print_label, store
from postlude import EngineUnavailable
from postlude.frameworks.velithon import BackgroundTask
from velithon import Velithon
from velithon.params import Query
from velithon.responses import JSONResponse

app = Velithon()


def label(number: int) -> BackgroundTask:
    task = BackgroundTask(print_label, number)
    return task.with_options(engine=store, task_id=f"label-{number}")


@app.post("/labels")
async def order(number: Annotated[int, Query()]) -> JSONResponse:
    try:
        handle = await label(number).submit()
    except EngineUnavailable:
        body = {"detail": "try again later"}
        return JSONResponse(body, 503, {"Retry-After": "5"})
    print("stored", handle.id)
    return JSONResponse({"task_id": handle.id}, 202)


@app.post("/labels/hung")
async def order_and_hope(number: Annotated[int, Query()]) -> JSONResponse:
    body = {"task_id": f"label-{number}"}
    return JSONResponse(body, 202, background=label(number))
