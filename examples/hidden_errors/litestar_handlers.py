from typing import Any

import litestar.background_tasks
from litestar import Litestar, Request, Response, post
from postlude.frameworks.litestar import BackgroundTask

ORDER = {"id": "A-1"}
Answer = Response[dict[str, str]]


def send_receipt(order: dict[str, str]) -> None:
    print("receipt to", order["email"])


def charge(order: dict[str, str]) -> None:
    raise ValueError(f"order {order['id']} has no price")


def page_for_key_error(request: Request[Any, Any, Any], error: Exception) -> Answer:
    print("page for a KeyError:", repr(error))
    return Response({"error": "key"}, status_code=422)


def page_for_the_rest(request: Request[Any, Any, Any], error: Exception) -> Answer:
    print("page for the rest:", repr(error))
    return Response({"error": "rest"}, status_code=500)


@post("/receipts/framework")
async def receipt_with_litestar() -> Answer:
    task = litestar.background_tasks.BackgroundTask(send_receipt, ORDER)
    return Response(ORDER, status_code=201, background=task)


@post("/charges/framework")
async def charge_with_litestar() -> Answer:
    task = litestar.background_tasks.BackgroundTask(charge, ORDER)
    return Response(ORDER, status_code=201, background=task)


@post("/receipts/postlude")
async def receipt_with_postlude() -> Answer:
    task = BackgroundTask(send_receipt, ORDER)
    return Response(ORDER, status_code=201, background=task)


@post("/charges/postlude")
async def charge_with_postlude() -> Answer:
    task = BackgroundTask(charge, ORDER)
    return Response(ORDER, status_code=201, background=task)


app = Litestar(
    [
        receipt_with_litestar,
        charge_with_litestar,
        receipt_with_postlude,
        charge_with_postlude,
    ],
    exception_handlers={KeyError: page_for_key_error, Exception: page_for_the_rest},
    logging_config=None,
)
