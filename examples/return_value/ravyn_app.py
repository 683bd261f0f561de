import time

from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, post


def add_up(prices: list[int]) -> int:
    print("adding up")
    time.sleep(0.1)  # as if there were many
    total = sum(prices)
    print(f"the total is {total}")
    return total


def write_log(line: str) -> None:
    print(f"log: {line}")


@post("/orders/wrong")
async def wrong(data: dict[str, list[int]]) -> JSONResponse:
    task = BackgroundTask(add_up, data["prices"])
    return JSONResponse({}, status_code=201, background=task)


@post("/orders/right")
async def right(data: dict[str, list[int]]) -> JSONResponse:
    total = sum(data["prices"])
    task = BackgroundTask(write_log, f"order over {total}")
    return JSONResponse({"total": total}, status_code=201, background=task)


app = Ravyn(routes=[Gateway(handler=wrong), Gateway(handler=right)])
