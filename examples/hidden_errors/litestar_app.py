import time

import litestar.background_tasks
from litestar import Litestar, Response, post
from postlude.frameworks.litestar import BackgroundTasks

ORDER = {"id": "A-1"}  # the e-mail address is missing


def send_receipt(order: dict[str, str]) -> None:
    print("receipt to", order["email"])


def write_audit(line: str) -> None:
    print("audit:", line)
    time.sleep(0.1)  # the disk


@post("/orders/framework")
async def with_litestar() -> Response[dict[str, str]]:
    tasks = litestar.background_tasks.BackgroundTasks(
        [
            litestar.background_tasks.BackgroundTask(send_receipt, ORDER),
            litestar.background_tasks.BackgroundTask(write_audit, "order A-1"),
        ]
    )
    return Response(ORDER, status_code=201, background=tasks)


@post("/orders/postlude")
async def with_postlude() -> Response[dict[str, str]]:
    tasks = BackgroundTasks()
    tasks.add_task(send_receipt, ORDER)
    tasks.add_task(write_audit, "order A-1")
    return Response(ORDER, status_code=201, background=tasks)


# Without Litestar's own logging set-up, log lines come in the order of events.
app = Litestar([with_litestar, with_postlude], logging_config=None)
