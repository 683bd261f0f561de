import time
from typing import Annotated

from postlude.frameworks.velithon import BackgroundTask
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body
from velithon.responses import JSONResponse

app = Velithon()


class Order(BaseModel):
    prices: list[int]


def add_up(prices: list[int]) -> int:
    print("adding up")
    time.sleep(0.1)  # as if there were many
    total = sum(prices)
    print(f"the total is {total}")
    return total


def write_log(line: str) -> None:
    print(f"log: {line}")


@app.post("/orders/wrong")
async def wrong(order: Annotated[Order, Body()]) -> JSONResponse:
    task = BackgroundTask(add_up, order.prices)
    return JSONResponse({}, status_code=201, background=task)


@app.post("/orders/right")
async def right(order: Annotated[Order, Body()]) -> JSONResponse:
    total = sum(order.prices)
    task = BackgroundTask(write_log, f"order over {total}")
    return JSONResponse({"total": total}, status_code=201, background=task)
