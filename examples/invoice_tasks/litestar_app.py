from dataclasses import dataclass
from typing import Any

from billing import close, engine, send_invoice, state_of
from litestar import Litestar, Request, Response, get, post
from postlude import BackgroundTask, EngineUnavailable


@dataclass
class Invoice:
    number: int
    email: str


def say_later(
    request: Request[Any, Any, Any], error: EngineUnavailable
) -> Response[dict[str, str]]:
    body = {"error": "try again later"}
    return Response(body, status_code=503, headers={"Retry-After": "5"})


@post("/invoices", status_code=202)
async def send(data: Invoice) -> dict[str, str]:
    task = BackgroundTask(send_invoice, data.number, data.email)
    named = task.with_options(engine=engine, task_id=f"invoice-{data.number}")
    handle = await named.submit()
    return {"task_id": handle.id, "status": handle.status}


@get("/task-status/{task_id:str}")
async def status(task_id: str) -> Response[dict[str, Any]]:
    state = await state_of(task_id)
    return Response(state, status_code=404 if state["status"] == "unknown" else 200)


app = Litestar(
    [send, status],
    on_shutdown=[close],
    exception_handlers={EngineUnavailable: say_later},
    logging_config=None,
)
