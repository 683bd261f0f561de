from fastapi import FastAPI
from fastapi.responses import JSONResponse
from postlude import Failed, PostludeMiddleware, RetryPolicy, TaskRunner, TimedOut
from postlude.frameworks.fastapi import BackgroundTask
from pydantic import BaseModel
from warehouse import book

patient = RetryPolicy(
    max_retries=2, initial_delay=0.2, jitter=0, retry_on=ConnectionError
)
api = FastAPI()


class Order(BaseModel):
    number: str


def fulfil(number: str) -> None:
    book(number)
    print(f"order {number}: booked")


def give_up(outcome: Failed | TimedOut) -> None:
    print(f"{outcome.name}: given up, attempts: {outcome.attempts}")


@api.post("/orders")
async def place(order: Order) -> JSONResponse:
    task = BackgroundTask(fulfil, order.number).with_options(
        name=f"order {order.number}", retry_policy=patient
    )
    return JSONResponse({"order": order.number}, 202, background=task)


app = PostludeMiddleware(api, TaskRunner(on_error=give_up))
