from typing import Annotated

from billing import close, engine, send_invoice, state_of
from postlude import BackgroundTask, EngineUnavailable
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body, Path
from velithon.responses import JSONResponse

app = Velithon()


class Invoice(BaseModel):
    number: int
    email: str


def say_later() -> JSONResponse:
    return JSONResponse({"error": "try again later"}, 503, {"Retry-After": "5"})


@app.on_shutdown()  # type: ignore[func-returns-value, misc]  # annotated as None
async def shut() -> None:
    await close()


@app.post("/invoices")
async def send(invoice: Annotated[Invoice, Body()]) -> JSONResponse:
    task = BackgroundTask(send_invoice, invoice.number, invoice.email)
    named = task.with_options(engine=engine, task_id=f"invoice-{invoice.number}")
    try:
        handle = await named.submit()
    except EngineUnavailable:
        return say_later()
    return JSONResponse({"task_id": handle.id, "status": handle.status}, 202)


@app.get("/task-status/{task_id}")
async def status(task_id: Annotated[str, Path()]) -> JSONResponse:
    try:
        state = await state_of(task_id)
    except EngineUnavailable:
        return say_later()
    return JSONResponse(state, 404 if state["status"] == "unknown" else 200)
