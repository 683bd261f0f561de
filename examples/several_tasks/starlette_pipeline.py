from postlude import TaskFailed
from postlude.frameworks.starlette import BackgroundTask, BackgroundTasks
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def pack(order: str) -> None:
    print(f"packed {order}")


async def charge(card: str) -> None:
    if card == "expired":
        raise ValueError("card expired")
    print("charged")


def ship(order: str) -> None:
    print(f"shipped {order}")


def checkout(card: str) -> BackgroundTasks:
    tasks = BackgroundTasks()
    tasks.add_task(pack, "A-1")
    tasks.add_task(charge, card)
    tasks.add_task(ship, "A-1")
    return tasks


async def checkout_later(card: str) -> None:
    try:
        await checkout(card)(continue_on_error=False)
    except TaskFailed as failure:
        print(f"told the customer: {failure.__cause__}")


async def wait_for_it(request: Request) -> JSONResponse:
    card = request.query_params["card"]
    try:
        await checkout(card)(continue_on_error=False)
    except TaskFailed as failure:
        return JSONResponse({"error": str(failure)}, status_code=409)
    return JSONResponse({"status": "shipped"}, status_code=201)


async def do_it_later(request: Request) -> JSONResponse:
    card = request.query_params["card"]
    task = BackgroundTask(checkout_later, card)
    return JSONResponse({"status": "accepted"}, status_code=202, background=task)


app = Starlette(
    routes=[
        Route("/checkout", wait_for_it, methods=["POST"]),
        Route("/checkout-later", do_it_later, methods=["POST"]),
    ]
)
