import time

import fastapi
from fastapi.responses import JSONResponse
from postlude.frameworks.fastapi import BackgroundTasks

app = fastapi.FastAPI()
ORDER = {"id": "A-1"}  # the e-mail address is missing


def send_receipt(order: dict[str, str]) -> None:
    print("receipt to", order["email"])


def write_audit(line: str) -> None:
    print("audit:", line)
    time.sleep(0.1)  # the disk


@app.post("/orders/framework", status_code=201)
async def with_fastapi(tasks: fastapi.BackgroundTasks) -> dict[str, str]:
    tasks.add_task(send_receipt, ORDER)
    tasks.add_task(write_audit, "order A-1")
    return ORDER


@app.post("/orders/postlude")
async def with_postlude() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(send_receipt, ORDER)
    tasks.add_task(write_audit, "order A-1")
    return JSONResponse(ORDER, status_code=201, background=tasks)
