from typing import Any

import velithon.background
from postlude.frameworks.velithon import BackgroundTask
from velithon import Velithon
from velithon.datastructures import Protocol, Scope
from velithon.middleware import Middleware
from velithon.middleware.base import BaseHTTPMiddleware
from velithon.responses import JSONResponse

ORDER = {"id": "A-1"}
Single: Any = velithon.background.BackgroundTask  # its stub knows of no arguments


def send_receipt(order: dict[str, str]) -> None:
    print("receipt to", order["email"])


def charge(order: dict[str, str]) -> None:
    raise ValueError(f"order {order['id']} has no price")


class Pages(BaseHTTPMiddleware):
    async def process_http_request(self, scope: Scope, protocol: Protocol) -> None:
        try:
            await self.app(scope, protocol)
        except KeyError as error:
            print("page for a KeyError:", repr(error))
            await JSONResponse({"error": "key"}, status_code=422)(scope, protocol)
        except Exception as error:
            print("page for the rest:", repr(error))
            await JSONResponse({"error": "rest"}, status_code=500)(scope, protocol)


app = Velithon(middleware=[Middleware(Pages)])


@app.post("/receipts/framework")
async def receipt_with_velithon() -> JSONResponse:
    task = Single(send_receipt, (ORDER,))
    return JSONResponse(ORDER, status_code=201, background=task)


@app.post("/charges/framework")
async def charge_with_velithon() -> JSONResponse:
    task = Single(charge, (ORDER,))
    return JSONResponse(ORDER, status_code=201, background=task)


@app.post("/receipts/postlude")
async def receipt_with_postlude() -> JSONResponse:
    task = BackgroundTask(send_receipt, ORDER)
    return JSONResponse(ORDER, status_code=201, background=task)


@app.post("/charges/postlude")
async def charge_with_postlude() -> JSONResponse:
    task = BackgroundTask(charge, ORDER)
    return JSONResponse(ORDER, status_code=201, background=task)
