from back_office import engine, generate_report, process_payment, state_of
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from postlude import BackgroundTask, EngineUnavailable
from pydantic import BaseModel

app = FastAPI()


class Payment(BaseModel):
    order_id: int
    amount: float
    card_token: str


class Report(BaseModel):
    report_type: str
    user_id: int


@app.exception_handler(EngineUnavailable)
async def say_later(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": "try again later"}, 503, {"Retry-After": "5"})


@app.post("/process-payment", status_code=202)
async def pay(payment: Payment) -> dict[str, str]:
    task = BackgroundTask(process_payment, **payment.model_dump())
    named = task.with_options(engine=engine, task_id=f"payment-{payment.order_id}")
    handle = await named.submit()
    return {"task_id": handle.id, "status": handle.status}


@app.post("/generate-report", status_code=202)
async def report(wanted: Report) -> dict[str, str]:
    task = BackgroundTask(generate_report, **wanted.model_dump())
    named = task.with_options(engine=engine, task_id=f"report-{wanted.user_id}")
    handle = await named.submit()
    return {"task_id": handle.id, "message": "the report comes by mail"}


@app.get("/task-status/{task_id}")
async def status(task_id: str) -> JSONResponse:
    state = await state_of(task_id)
    return JSONResponse(state, 404 if state["status"] == "unknown" else 200)
