from dataclasses import dataclass

from litestar import Litestar, Response, post
from postlude import Failed, PostludeMiddleware, RetryPolicy, TaskRunner, TimedOut
from postlude.frameworks.litestar import BackgroundTask
from warehouse import book

patient = RetryPolicy(
    max_retries=2, initial_delay=0.2, jitter=0, retry_on=ConnectionError
)


@dataclass
class Order:
    number: str


def fulfil(number: str) -> None:
    book(number)
    print(f"order {number}: booked")


def give_up(outcome: Failed | TimedOut) -> None:
    print(f"{outcome.name}: given up, attempts: {outcome.attempts}")


@post("/orders")
async def place(data: Order) -> Response[dict[str, str]]:
    task = BackgroundTask(fulfil, data.number).with_options(
        name=f"order {data.number}", retry_policy=patient
    )
    return Response({"order": data.number}, status_code=202, background=task)


api = Litestar([place])
app = PostludeMiddleware(api, TaskRunner(on_error=give_up))
