from back_office import engine, generate_report, process_payment, state_of
from postlude import BackgroundTask, EngineUnavailable
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, Request, Response, get, post


class Payment(BaseModel):
    order_id: int
    amount: float
    card_token: str


class Report(BaseModel):
    report_type: str
    user_id: int


def say_later(request: Request, error: Exception) -> Response[dict[str, str]]:
    return Response(
        {"error": "try again later"},
        status_code=503,
        headers={"Retry-After": "5"},
        media_type="application/json",
    )


@post("/process-payment")
async def pay(data: Payment) -> JSONResponse:
    task = BackgroundTask(process_payment, **data.model_dump())
    named = task.with_options(engine=engine, task_id=f"payment-{data.order_id}")
    handle = await named.submit()
    body = {"task_id": handle.id, "status": handle.status}
    return JSONResponse(body, status_code=202)


@post("/generate-report")
async def report(data: Report) -> JSONResponse:
    task = BackgroundTask(generate_report, **data.model_dump())
    named = task.with_options(engine=engine, task_id=f"report-{data.user_id}")
    handle = await named.submit()
    body = {"task_id": handle.id, "message": "the report comes by mail"}
    return JSONResponse(body, status_code=202)


@get("/task-status/{task_id}")
async def status(task_id: str) -> JSONResponse:
    state = await state_of(task_id)
    return JSONResponse(state, status_code=404 if state["status"] == "unknown" else 200)


app = Ravyn(
    routes=[Gateway(handler=each) for each in (pay, report, status)],
    exception_handlers={EngineUnavailable: say_later},
)
