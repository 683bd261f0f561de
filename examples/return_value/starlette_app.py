import time

from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def add_up(prices: list[int]) -> int:
    print("adding up")
    time.sleep(0.1)  # as if there were many
    total = sum(prices)
    print(f"the total is {total}")
    return total


def write_log(line: str) -> None:
    print(f"log: {line}")


async def wrong(request: Request) -> JSONResponse:
    prices = (await request.json())["prices"]
    task = BackgroundTask(add_up, prices)
    return JSONResponse({}, status_code=201, background=task)


async def right(request: Request) -> JSONResponse:
    prices = (await request.json())["prices"]
    total = sum(prices)
    task = BackgroundTask(write_log, f"order over {total}")
    return JSONResponse({"total": total}, status_code=201, background=task)


app = Starlette(
    routes=[
        Route("/orders/wrong", wrong, methods=["POST"]),
        Route("/orders/right", right, methods=["POST"]),
    ]
)
