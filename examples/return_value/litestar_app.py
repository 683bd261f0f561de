import time

from litestar import Litestar, Response, post
from postlude.frameworks.litestar import BackgroundTask


def add_up(prices: list[int]) -> int:
    print("adding up")
    time.sleep(0.1)  # as if there were many
    total = sum(prices)
    print(f"the total is {total}")
    return total


def write_log(line: str) -> None:
    print(f"log: {line}")


@post("/orders/wrong")
async def wrong(data: dict[str, list[int]]) -> Response[dict[str, int]]:
    task = BackgroundTask(add_up, data["prices"])
    return Response({}, status_code=201, background=task)


@post("/orders/right")
async def right(data: dict[str, list[int]]) -> Response[dict[str, int]]:
    total = sum(data["prices"])
    task = BackgroundTask(write_log, f"order over {total}")
    return Response({"total": total}, status_code=201, background=task)


app = Litestar([wrong, right])
