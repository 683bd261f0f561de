from litestar import Litestar, post
from litestar.di import Provide
from postlude import BackgroundTasks, current_tasks
from postlude.frameworks.litestar import PostludePlugin


async def print_invoice(number: int) -> None:
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


def welcome(name: str) -> str:  # knows nothing of requests or responses
    current_tasks().add_task(write_audit, f"{name} places an order")
    return name


async def customer(name: str, tasks: BackgroundTasks) -> str:
    tasks.add_task(write_audit, "one more visit")
    return welcome(name)


@post(
    "/orders/{number:int}",
    status_code=202,
    dependencies={"thanks": Provide(customer)},
)
async def place_order(
    number: int, thanks: str, tasks: BackgroundTasks
) -> dict[str, str]:
    tasks.add_task(print_invoice, number)
    return {"thanks": thanks}


app = Litestar([place_order], plugins=[PostludePlugin()])
