import time
from pathlib import Path
from typing import Annotated, Any

from fastapi import Body, FastAPI
from fastapi.responses import JSONResponse
from postlude import Outcome, Succeeded
from postlude.frameworks.fastapi import BackgroundTask

app = FastAPI()
outcomes: dict[str, Outcome | None] = {}


def add_up(prices: list[int]) -> int:
    while not Path("rates.csv").exists():  # they come when they come
        time.sleep(0.1)
    return sum(prices)


async def settle(order: str, prices: list[int]) -> None:
    outcomes[order] = await BackgroundTask(add_up, prices).run()


def state_of(order: str) -> dict[str, str | int]:
    match outcomes.get(order):
        case None:
            return {"status": "running" if order in outcomes else "unknown"}
        case Succeeded(value=total):
            return {"status": "done", "total": total}
        case _:
            return {"status": "failed"}


@app.post("/orders")
async def accept(prices: Annotated[list[Any], Body(embed=True)]) -> JSONResponse:
    order = f"A-{len(outcomes) + 1}"
    outcomes[order] = None
    task = BackgroundTask(settle, order, prices)
    return JSONResponse({"order": order}, status_code=202, background=task)


@app.get("/orders/{order}")
async def look_up(order: str) -> JSONResponse:
    state = state_of(order)
    return JSONResponse(state, status_code=404 if state["status"] == "unknown" else 200)
