from typing import Annotated

from fastapi import Depends, FastAPI
from postlude.frameworks.fastapi import Tasks

app = FastAPI()


async def print_invoice(number: int) -> None:
    print(f"printed invoice {number}")


def write_audit(line: str) -> None:
    print(f"audit: {line}")


def customer(name: str, tasks: Tasks) -> str:
    tasks.add_task(write_audit, f"{name} places an order")
    return name


Customer = Annotated[str, Depends(customer)]


@app.post("/orders/{number}", status_code=202)
async def place_order(number: int, name: Customer, tasks: Tasks) -> dict[str, str]:
    tasks.add_task(print_invoice, number)
    return {"thanks": name}
