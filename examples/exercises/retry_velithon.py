from typing import Annotated

from postlude import Failed, RetryPolicy, TaskRunner, TimedOut
from postlude.frameworks.velithon import BackgroundTask, PostludeMiddleware
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body
from velithon.responses import JSONResponse
from warehouse import book

patient = RetryPolicy(
    max_retries=2, initial_delay=0.2, jitter=0, retry_on=ConnectionError
)
api = Velithon()


class Order(BaseModel):
    number: str


def fulfil(number: str) -> None:
    book(number)
    print(f"order {number}: booked")


def give_up(outcome: Failed | TimedOut) -> None:
    print(f"{outcome.name}: given up, attempts: {outcome.attempts}")


@api.post("/orders")
async def place(order: Annotated[Order, Body()]) -> JSONResponse:
    task = BackgroundTask(fulfil, order.number).with_options(
        name=f"order {order.number}", retry_policy=patient
    )
    return JSONResponse({"order": order.number}, 202, background=task)


app = PostludeMiddleware(api, TaskRunner(on_error=give_up))
