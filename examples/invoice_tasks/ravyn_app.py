from billing import close, engine, send_invoice, state_of
from postlude import BackgroundTask, EngineUnavailable
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, Request, Response, get, post


class Invoice(BaseModel):
    number: int
    email: str


def say_later(request: Request, error: Exception) -> Response[dict[str, str]]:
    return Response(
        {"error": "try again later"},
        status_code=503,
        headers={"Retry-After": "5"},
        media_type="application/json",
    )


@post("/invoices")
async def send(data: Invoice) -> JSONResponse:
    task = BackgroundTask(send_invoice, data.number, data.email)
    named = task.with_options(engine=engine, task_id=f"invoice-{data.number}")
    handle = await named.submit()
    body = {"task_id": handle.id, "status": handle.status}
    return JSONResponse(body, status_code=202)


@get("/task-status/{task_id}")
async def status(task_id: str) -> JSONResponse:
    state = await state_of(task_id)
    return JSONResponse(state, status_code=404 if state["status"] == "unknown" else 200)


app = Ravyn(
    routes=[Gateway(handler=send), Gateway(handler=status)],
    on_shutdown=[close],
    exception_handlers={EngineUnavailable: say_later},
)
