from typing import Annotated

from postlude import TaskFailed
from postlude.frameworks.velithon import BackgroundTask, BackgroundTasks
from velithon import Velithon
from velithon.params import Query
from velithon.responses import JSONResponse

app = Velithon()


def pack(order: str) -> None:
    print(f"packed {order}")


async def charge(card: str) -> None:
    if card == "expired":
        raise ValueError("card expired")
    print("charged")


def ship(order: str) -> None:
    print(f"shipped {order}")


def checkout(card: str) -> BackgroundTasks:
    tasks = BackgroundTasks()
    tasks.add_task(pack, "A-1")
    tasks.add_task(charge, card)
    tasks.add_task(ship, "A-1")
    return tasks


async def checkout_later(card: str) -> None:
    try:
        await checkout(card)(continue_on_error=False)
    except TaskFailed as failure:
        print(f"told the customer: {failure.__cause__}")


@app.post("/checkout")
async def wait_for_it(card: Annotated[str, Query()]) -> JSONResponse:
    try:
        await checkout(card)(continue_on_error=False)
    except TaskFailed as failure:
        return JSONResponse({"error": str(failure)}, status_code=409)
    return JSONResponse({"status": "shipped"}, status_code=201)


@app.post("/checkout-later")
async def do_it_later(card: Annotated[str, Query()]) -> JSONResponse:
    task = BackgroundTask(checkout_later, card)
    return JSONResponse({"status": "accepted"}, status_code=202, background=task)
