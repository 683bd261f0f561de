from postlude import Failed, PostludeMiddleware, RetryPolicy, TaskRunner, TimedOut
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, post
from warehouse import book

patient = RetryPolicy(
    max_retries=2, initial_delay=0.2, jitter=0, retry_on=ConnectionError
)


def fulfil(number: str) -> None:
    book(number)
    print(f"order {number}: booked")


def give_up(outcome: Failed | TimedOut) -> None:
    print(f"{outcome.name}: given up, attempts: {outcome.attempts}")


@post("/orders")
async def place(data: dict[str, str]) -> JSONResponse:
    number = data["number"]
    task = BackgroundTask(fulfil, number).with_options(
        name=f"order {number}", retry_policy=patient
    )
    return JSONResponse({"order": number}, status_code=202, background=task)


api = Ravyn(routes=[Gateway(handler=place)])
app = PostludeMiddleware(api, TaskRunner(on_error=give_up))
