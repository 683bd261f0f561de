from typing import Annotated

from postlude import current_tasks
from postlude.frameworks.velithon import PostludeMiddleware
from velithon import Velithon
from velithon.params import Path, Query
from velithon.responses import JSONResponse

api = Velithon()


async def print_invoice(number: int) -> None:
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


def welcome(name: str) -> str:  # knows nothing of requests or responses
    current_tasks().add_task(write_audit, f"{name} places an order")
    return name


@api.post("/orders/{number}")
async def place_order(
    number: Annotated[int, Path()], name: Annotated[str, Query()]
) -> JSONResponse:
    thanks = welcome(name)
    current_tasks().add_task(print_invoice, number)
    return JSONResponse({"thanks": thanks}, status_code=202)


app = PostludeMiddleware(api)
