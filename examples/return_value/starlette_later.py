import time
from pathlib import Path

from postlude import Outcome, Succeeded
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

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


async def accept(request: Request) -> JSONResponse:
    prices = (await request.json())["prices"]
    order = f"A-{len(outcomes) + 1}"
    outcomes[order] = None
    task = BackgroundTask(settle, order, prices)
    return JSONResponse({"order": order}, status_code=202, background=task)


async def look_up(request: Request) -> JSONResponse:
    state = state_of(request.path_params["order"])
    return JSONResponse(state, status_code=404 if state["status"] == "unknown" else 200)


app = Starlette(
    routes=[
        Route("/orders", accept, methods=["POST"]),
        Route("/orders/{order}", look_up),
    ]
)
