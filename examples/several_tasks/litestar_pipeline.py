from litestar import Litestar, Response, post
from postlude import TaskFailed
from postlude.frameworks.litestar import BackgroundTask, BackgroundTasks


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


@post("/checkout")
async def wait_for_it(card: str) -> Response[dict[str, str]]:
    try:
        await checkout(card)(continue_on_error=False)
    except TaskFailed as failure:
        return Response({"error": str(failure)}, status_code=409)
    return Response({"status": "shipped"}, status_code=201)


@post("/checkout-later")
async def do_it_later(card: str) -> Response[dict[str, str]]:
    task = BackgroundTask(checkout_later, card)
    return Response({"status": "accepted"}, status_code=202, background=task)


app = Litestar([wait_for_it, do_it_later], logging_config=None)
