import pathlib
import time
from typing import Annotated, Any

from postlude import Outcome, Succeeded
from postlude.frameworks.velithon import BackgroundTask
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body, Path
from velithon.responses import JSONResponse

app = Velithon()
outcomes: dict[str, Outcome | None] = {}


class Order(BaseModel):
    prices: list[Any]


def add_up(prices: list[int]) -> int:
    while not pathlib.Path("rates.csv").exists():  # they come when they come
        time.sleep(0.1)
    return sum(prices)


async def settle(number: str, prices: list[int]) -> None:
    outcomes[number] = await BackgroundTask(add_up, prices).run()


def state_of(number: str) -> dict[str, str | int]:
    match outcomes.get(number):
        case None:
            return {"status": "running" if number in outcomes else "unknown"}
        case Succeeded(value=total):
            return {"status": "done", "total": total}
        case _:
            return {"status": "failed"}


@app.post("/orders")
async def accept(order: Annotated[Order, Body()]) -> JSONResponse:
    number = f"A-{len(outcomes) + 1}"
    outcomes[number] = None
    task = BackgroundTask(settle, number, order.prices)
    return JSONResponse({"order": number}, status_code=202, background=task)


@app.get("/orders/{number}")
async def look_up(number: Annotated[str, Path()]) -> JSONResponse:
    state = state_of(number)
    return JSONResponse(state, status_code=404 if state["status"] == "unknown" else 200)
