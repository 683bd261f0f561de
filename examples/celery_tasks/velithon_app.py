from typing import Annotated

from back_office import engine, generate_report, process_payment, state_of
from postlude import BackgroundTask, EngineUnavailable
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body, Path
from velithon.responses import JSONResponse

app = Velithon()


class Payment(BaseModel):
    order_id: int
    amount: float
    card_token: str


class Report(BaseModel):
    report_type: str
    user_id: int


def say_later() -> JSONResponse:
    return JSONResponse({"error": "try again later"}, 503, {"Retry-After": "5"})


@app.post("/process-payment")
async def pay(payment: Annotated[Payment, Body()]) -> JSONResponse:
    task = BackgroundTask(process_payment, **payment.model_dump())
    named = task.with_options(engine=engine, task_id=f"payment-{payment.order_id}")
    try:
        handle = await named.submit()
    except EngineUnavailable:
        return say_later()
    return JSONResponse({"task_id": handle.id, "status": handle.status}, 202)


@app.post("/generate-report")
async def report(wanted: Annotated[Report, Body()]) -> JSONResponse:
    task = BackgroundTask(generate_report, **wanted.model_dump())
    named = task.with_options(engine=engine, task_id=f"report-{wanted.user_id}")
    try:
        handle = await named.submit()
    except EngineUnavailable:
        return say_later()
    body = {"task_id": handle.id, "message": "the report comes by mail"}
    return JSONResponse(body, 202)


@app.get("/task-status/{task_id}")
async def status(task_id: Annotated[str, Path()]) -> JSONResponse:
    try:
        state = await state_of(task_id)
    except EngineUnavailable:
        return say_later()
    return JSONResponse(state, 404 if state["status"] == "unknown" else 200)
