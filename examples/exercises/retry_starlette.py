from postlude import Failed, PostludeMiddleware, RetryPolicy, TaskRunner, TimedOut
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from warehouse import book

patient = RetryPolicy(
    max_retries=2, initial_delay=0.2, jitter=0, retry_on=ConnectionError
)


def fulfil(number: str) -> None:
    book(number)
    print(f"order {number}: booked")


def give_up(outcome: Failed | TimedOut) -> None:
    print(f"{outcome.name}: given up, attempts: {outcome.attempts}")


async def place(request: Request) -> JSONResponse:
    number = (await request.json())["number"]
    task = BackgroundTask(fulfil, number).with_options(
        name=f"order {number}", retry_policy=patient
    )
    return JSONResponse({"order": number}, 202, background=task)


api = Starlette(routes=[Route("/orders", place, methods=["POST"])])
app = PostludeMiddleware(api, TaskRunner(on_error=give_up))
