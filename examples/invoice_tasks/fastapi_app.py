from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from billing import close, engine, send_invoice, state_of
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from postlude import BackgroundTask, EngineUnavailable
from pydantic import BaseModel


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    yield
    await close()


app = FastAPI(lifespan=lifespan)


class Invoice(BaseModel):
    number: int
    email: str


@app.exception_handler(EngineUnavailable)
async def say_later(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": "try again later"}, 503, {"Retry-After": "5"})


@app.post("/invoices", status_code=202)
async def send(invoice: Invoice) -> dict[str, str]:
    task = BackgroundTask(send_invoice, invoice.number, invoice.email)
    named = task.with_options(engine=engine, task_id=f"invoice-{invoice.number}")
    handle = await named.submit()
    return {"task_id": handle.id, "status": handle.status}


@app.get("/task-status/{task_id}")
async def status(task_id: str) -> JSONResponse:
    state = await state_of(task_id)
    return JSONResponse(state, 404 if state["status"] == "unknown" else 200)
