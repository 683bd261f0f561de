import asyncio
import time

from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def ask_carrier(parcel: str) -> None:
    print(f"{parcel}: asks the carrier")
    try:
        await asyncio.sleep(3600 if parcel == "piano" else 0)  # a carrier that hangs
        print(f"{parcel}: has a price")
    finally:
        print(f"{parcel}: hangs up")


def print_label(parcel: str) -> None:
    print(f"{parcel}: prints the label")
    time.sleep(1 if parcel == "piano" else 0)  # a long label
    print(f"{parcel}: has a label")


async def quote(request: Request) -> JSONResponse:
    task = BackgroundTask(ask_carrier, request.query_params["parcel"])
    in_time = task.with_options(timeout=0.2)
    return JSONResponse({}, status_code=202, background=in_time)


async def label(request: Request) -> JSONResponse:
    task = BackgroundTask(print_label, request.query_params["parcel"])
    in_time = task.with_options(timeout=0.5)
    return JSONResponse({}, status_code=202, background=in_time)


app = Starlette(
    routes=[
        Route("/quotes", quote, methods=["POST"]),
        Route("/labels", label, methods=["POST"]),
    ]
)
