import starlette.background
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

ORDER = {"id": "A-1"}


def send_receipt(order: dict[str, str]) -> None:
    print("receipt to", order["email"])


def charge(order: dict[str, str]) -> None:
    raise ValueError(f"order {order['id']} has no price")


async def page_for_key_error(request: Request, error: Exception) -> JSONResponse:
    print("page for a KeyError:", repr(error))
    return JSONResponse({"error": "key"}, status_code=422)


async def page_for_the_rest(request: Request, error: Exception) -> JSONResponse:
    print("page for the rest:", repr(error))
    return JSONResponse({"error": "rest"}, status_code=500)


async def receipt_with_starlette(request: Request) -> JSONResponse:
    task = starlette.background.BackgroundTask(send_receipt, ORDER)
    return JSONResponse(ORDER, status_code=201, background=task)


async def charge_with_starlette(request: Request) -> JSONResponse:
    task = starlette.background.BackgroundTask(charge, ORDER)
    return JSONResponse(ORDER, status_code=201, background=task)


async def receipt_with_postlude(request: Request) -> JSONResponse:
    task = BackgroundTask(send_receipt, ORDER)
    return JSONResponse(ORDER, status_code=201, background=task)


async def charge_with_postlude(request: Request) -> JSONResponse:
    task = BackgroundTask(charge, ORDER)
    return JSONResponse(ORDER, status_code=201, background=task)


app = Starlette(
    routes=[
        Route("/receipts/framework", receipt_with_starlette, methods=["POST"]),
        Route("/charges/framework", charge_with_starlette, methods=["POST"]),
        Route("/receipts/postlude", receipt_with_postlude, methods=["POST"]),
        Route("/charges/postlude", charge_with_postlude, methods=["POST"]),
    ],
    exception_handlers={KeyError: page_for_key_error, Exception: page_for_the_rest},
)
