import asyncio

from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from postlude import PostludeMiddleware, current_tasks
from postlude.frameworks.fastapi import BackgroundTask

api = FastAPI()


async def print_invoice(number: int) -> None:
    await asyncio.sleep(1)
    print(f"printed invoice {number}")


async def write_audit(line: str) -> None:
    print(f"audit: {line}")


def refuse(number: int) -> None:  # knows nothing of requests or responses
    current_tasks().add_task(write_audit, f"refused to cancel {number}")


@api.post("/orders")
async def place_order(number: int) -> JSONResponse:
    task = BackgroundTask(print_invoice, number)
    return JSONResponse({"number": number}, status_code=202, background=task)


@api.post("/orders/awaited")
async def place_and_await(number: int) -> JSONResponse:
    await BackgroundTask(print_invoice, number)()
    print(f"answers order {number}")
    return JSONResponse({"number": number}, status_code=202)


@api.post("/orders/cancel")
async def cancel_order(number: int) -> None:
    refuse(number)
    raise HTTPException(409, "it is shipped already")


app = PostludeMiddleware(api)
