from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from labels import print_label, store
from postlude import EngineUnavailable
from postlude.frameworks.fastapi import BackgroundTask

app = FastAPI()


@app.exception_handler(EngineUnavailable)
async def say_later(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "try again later"}, 503, {"Retry-After": "5"})


def label(number: int) -> BackgroundTask:
    task = BackgroundTask(print_label, number)
    return task.with_options(engine=store, task_id=f"label-{number}")


@app.post("/labels", status_code=202)
async def order(number: int) -> dict[str, str]:
    handle = await label(number).submit()
    print("stored", handle.id)
    return {"task_id": handle.id}


@app.post("/labels/hung")
async def order_and_hope(number: int) -> JSONResponse:
    task = label(number)
    return JSONResponse({"task_id": f"label-{number}"}, 202, background=task)
