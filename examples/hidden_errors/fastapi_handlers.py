import fastapi
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from postlude.frameworks.fastapi import BackgroundTask

app = FastAPI()
ORDER = {"id": "A-1"}


def send_receipt(order: dict[str, str]) -> None:
    print("receipt to", order["email"])


def charge(order: dict[str, str]) -> None:
    raise ValueError(f"order {order['id']} has no price")


@app.exception_handler(KeyError)
async def page_for_key_error(request: Request, error: Exception) -> JSONResponse:
    print("page for a KeyError:", repr(error))
    return JSONResponse({"error": "key"}, status_code=422)


@app.exception_handler(Exception)
async def page_for_the_rest(request: Request, error: Exception) -> JSONResponse:
    print("page for the rest:", repr(error))
    return JSONResponse({"error": "rest"}, status_code=500)


@app.post("/receipts/framework", status_code=201)
async def receipt_with_fastapi(tasks: fastapi.BackgroundTasks) -> dict[str, str]:
    tasks.add_task(send_receipt, ORDER)
    return ORDER


@app.post("/charges/framework", status_code=201)
async def charge_with_fastapi(tasks: fastapi.BackgroundTasks) -> dict[str, str]:
    tasks.add_task(charge, ORDER)
    return ORDER


@app.post("/receipts/postlude")
async def receipt_with_postlude() -> JSONResponse:
    task = BackgroundTask(send_receipt, ORDER)
    return JSONResponse(ORDER, status_code=201, background=task)


@app.post("/charges/postlude")
async def charge_with_postlude() -> JSONResponse:
    task = BackgroundTask(charge, ORDER)
    return JSONResponse(ORDER, status_code=201, background=task)
