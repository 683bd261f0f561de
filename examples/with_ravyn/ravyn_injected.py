from postlude import PostludeMiddleware, current_tasks
from ravyn import Gateway, JSONResponse, Ravyn, post


async def print_invoice(number: int) -> None:
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


def welcome(name: str) -> str:  # knows nothing of requests or responses
    current_tasks().add_task(write_audit, f"{name} places an order")
    return name


@post("/orders/{number}")
async def place_order(number: int, name: str) -> JSONResponse:
    thanks = welcome(name)
    current_tasks().add_task(print_invoice, number)
    return JSONResponse({"thanks": thanks}, status_code=202)


app = PostludeMiddleware(Ravyn(routes=[Gateway(handler=place_order)]))
