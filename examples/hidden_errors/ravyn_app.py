import time

import ravyn.background
from postlude.frameworks.ravyn import BackgroundTasks
from ravyn import Gateway, JSONResponse, Ravyn, post

ORDER = {"id": "A-1"}  # the e-mail address is missing


def send_receipt(order: dict[str, str]) -> None:
    print("receipt to", order["email"])


def write_audit(line: str) -> None:
    print("audit:", line)
    time.sleep(0.1)  # the disk


@post("/orders/framework")
async def with_ravyn() -> JSONResponse:
    tasks = ravyn.background.BackgroundTasks(
        [
            ravyn.background.BackgroundTask(send_receipt, ORDER),
            ravyn.background.BackgroundTask(write_audit, "order A-1"),
        ]
    )
    return JSONResponse(ORDER, status_code=201, background=tasks)


@post("/orders/postlude")
async def with_postlude() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(send_receipt, ORDER)
    tasks.add_task(write_audit, "order A-1")
    return JSONResponse(ORDER, status_code=201, background=tasks)


app = Ravyn(routes=[Gateway(handler=with_ravyn), Gateway(handler=with_postlude)])
