from dataclasses import asdict, dataclass
from typing import Any

from back_office import engine, generate_report, process_payment, state_of
from litestar import Litestar, Request, Response, get, post
from postlude import BackgroundTask, EngineUnavailable


@dataclass
class Payment:
    order_id: int
    amount: float
    card_token: str


@dataclass
class Report:
    report_type: str
    user_id: int


def say_later(
    request: Request[Any, Any, Any], error: EngineUnavailable
) -> Response[dict[str, str]]:
    body = {"error": "try again later"}
    return Response(body, status_code=503, headers={"Retry-After": "5"})


@post("/process-payment", status_code=202)
async def pay(data: Payment) -> dict[str, str]:
    task = BackgroundTask(process_payment, **asdict(data))
    named = task.with_options(engine=engine, task_id=f"payment-{data.order_id}")
    handle = await named.submit()
    return {"task_id": handle.id, "status": handle.status}


@post("/generate-report", status_code=202)
async def report(data: Report) -> dict[str, str]:
    task = BackgroundTask(generate_report, **asdict(data))
    named = task.with_options(engine=engine, task_id=f"report-{data.user_id}")
    handle = await named.submit()
    return {"task_id": handle.id, "message": "the report comes by mail"}


@get("/task-status/{task_id:str}")
async def status(task_id: str) -> Response[dict[str, Any]]:
    state = await state_of(task_id)
    return Response(state, status_code=404 if state["status"] == "unknown" else 200)


app = Litestar(
    [pay, report, status],
    exception_handlers={EngineUnavailable: say_later},
    logging_config=None,
)
