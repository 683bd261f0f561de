from postlude import TaskFailed
from postlude.frameworks.ravyn import BackgroundTask, BackgroundTasks
from ravyn import Gateway, JSONResponse, Ravyn, post


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
async def wait_for_it(card: str) -> JSONResponse:
    try:
        await checkout(card)(continue_on_error=False)
    except TaskFailed as failure:
        return JSONResponse({"error": str(failure)}, status_code=409)
    return JSONResponse({"status": "shipped"}, status_code=201)


@post("/checkout-later")
async def do_it_later(card: str) -> JSONResponse:
    task = BackgroundTask(checkout_later, card)
    return JSONResponse({"status": "accepted"}, status_code=202, background=task)


app = Ravyn(routes=[Gateway(handler=wait_for_it), Gateway(handler=do_it_later)])
