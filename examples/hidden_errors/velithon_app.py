import time
from typing import Any

import velithon.background
from postlude.frameworks.velithon import BackgroundTasks
from velithon import Velithon
from velithon.responses import JSONResponse

app = Velithon()
Single: Any = velithon.background.BackgroundTask  # its stub knows of no arguments
ORDER = {"id": "A-1"}  # the e-mail address is missing


def send_receipt(order: dict[str, str]) -> None:
    print("receipt to", order["email"])


def write_audit(line: str) -> None:
    print("audit:", line)
    time.sleep(0.1)  # the disk


@app.post("/orders/framework")
async def with_velithon() -> JSONResponse:
    tasks: Any = velithon.background.BackgroundTasks()
    tasks.add_task(send_receipt, (ORDER,))
    tasks.add_task(write_audit, ("order A-1",))
    return JSONResponse(ORDER, status_code=201, background=tasks)


@app.post("/orders/framework/single")
async def with_one_of_velithon() -> JSONResponse:
    print("order A-1 is taken")
    task = Single(send_receipt, (ORDER,))
    return JSONResponse(ORDER, status_code=201, background=task)


@app.post("/orders/postlude")
async def with_postlude() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(send_receipt, ORDER)
    tasks.add_task(write_audit, "order A-1")
    return JSONResponse(ORDER, status_code=201, background=tasks)
