import asyncio
import time

from postlude.frameworks.ravyn import BackgroundTask
from ravyn import Gateway, JSONResponse, Ravyn, post


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


@post("/quotes")
async def quote(parcel: str) -> JSONResponse:
    task = BackgroundTask(ask_carrier, parcel).with_options(timeout=0.2)
    return JSONResponse({}, status_code=202, background=task)


@post("/labels")
async def label(parcel: str) -> JSONResponse:
    task = BackgroundTask(print_label, parcel).with_options(timeout=0.5)
    return JSONResponse({}, status_code=202, background=task)


app = Ravyn(routes=[Gateway(handler=quote), Gateway(handler=label)])
