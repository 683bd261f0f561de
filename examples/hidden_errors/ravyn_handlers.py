from typing import Any

import ravyn.background
from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, Request, Response, post

ORDER = {"id": "A-1"}


def send_receipt(order: dict[str, str]) -> None:
    print("receipt to", order["email"])


def charge(order: dict[str, str]) -> None:
    raise ValueError(f"order {order['id']} has no price")


def page_for_key_error(request: Request, error: Exception) -> Response[Any]:
    print("page for a KeyError:", repr(error))
    return Response({"error": "key"}, status_code=422)


def page_for_the_rest(request: Request, error: Exception) -> Response[Any]:
    print("page for the rest:", repr(error))
    return Response({"error": "rest"}, status_code=500)


@post("/receipts/framework")
async def receipt_with_ravyn() -> JSONResponse:
    task = ravyn.background.BackgroundTask(send_receipt, ORDER)
    return JSONResponse(ORDER, status_code=201, background=task)


@post("/charges/framework")
async def charge_with_ravyn() -> JSONResponse:
    task = ravyn.background.BackgroundTask(charge, ORDER)
    return JSONResponse(ORDER, status_code=201, background=task)


@post("/receipts/postlude")
async def receipt_with_postlude() -> JSONResponse:
    task = BackgroundTask(send_receipt, ORDER)
    return JSONResponse(ORDER, status_code=201, background=task)


@post("/charges/postlude")
async def charge_with_postlude() -> JSONResponse:
    task = BackgroundTask(charge, ORDER)
    return JSONResponse(ORDER, status_code=201, background=task)


app = Ravyn(
    routes=[
        Gateway(handler=receipt_with_ravyn),
        Gateway(handler=charge_with_ravyn),
        Gateway(handler=receipt_with_postlude),
        Gateway(handler=charge_with_postlude),
    ],
    exception_handlers={KeyError: page_for_key_error, Exception: page_for_the_rest},
)
