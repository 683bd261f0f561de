import time
from typing import Annotated

from fastapi import Body, FastAPI
from fastapi.responses import JSONResponse
from postlude.frameworks.fastapi import BackgroundTask

app = FastAPI()
Prices = Annotated[list[int], Body(embed=True)]


def add_up(prices: list[int]) -> int:
    print("adding up")
    time.sleep(0.1)  # as if there were many
    total = sum(prices)
    print(f"the total is {total}")
    return total


def write_log(line: str) -> None:
    print(f"log: {line}")


@app.post("/orders/wrong")
async def wrong(prices: Prices) -> JSONResponse:
    task = BackgroundTask(add_up, prices)
    return JSONResponse({}, status_code=201, background=task)


@app.post("/orders/right")
async def right(prices: Prices) -> JSONResponse:
    total = sum(prices)
    task = BackgroundTask(write_log, f"order over {total}")
    return JSONResponse({"total": total}, status_code=201, background=task)
