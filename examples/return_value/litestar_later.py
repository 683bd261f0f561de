import time
from pathlib import Path
from typing import Any

from litestar import Litestar, Response, get, post
from postlude import Outcome, Succeeded
from postlude.frameworks.litestar import BackgroundTask

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


@post("/orders")
async def accept(data: dict[str, list[Any]]) -> Response[dict[str, str]]:
    order = f"A-{len(outcomes) + 1}"
    outcomes[order] = None
    task = BackgroundTask(settle, order, data["prices"])
    return Response({"order": order}, status_code=202, background=task)


@get("/orders/{order:str}")
async def look_up(order: str) -> Response[dict[str, str | int]]:
    state = state_of(order)
    return Response(state, status_code=404 if state["status"] == "unknown" else 200)


# Without Litestar's own logging set-up, log lines come in the order of events.
app = Litestar([accept, look_up], logging_config=None)
