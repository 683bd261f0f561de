from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from postlude.frameworks.fastapi import BackgroundTask, Tasks

app = FastAPI()


def write_audit(line: str) -> None:
    print(f"audit: {line}")


async def send_email(to: str) -> None:
    print(f"email to {to}")


def count_sale() -> None:
    print("analytics: one more sale")


def buyer(email: str, tasks: Tasks) -> str:
    tasks.add_task(write_audit, f"{email} is buying")
    return email


@app.post("/buy/{item}")
async def buy(
    item: str, email: Annotated[str, Depends(buyer)], tasks: Tasks
) -> JSONResponse:
    if item == "ghost":
        raise HTTPException(409, "sold out")
    tasks.add_task(send_email, email)
    sale = BackgroundTask(count_sale)
    return JSONResponse({"bought": item}, status_code=201, background=sale)
