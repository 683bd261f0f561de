import asyncio
import time
from typing import Annotated

from postlude.frameworks.velithon import BackgroundTask
from velithon import Velithon
from velithon.params import Query
from velithon.responses import JSONResponse

app = Velithon()


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


@app.post("/quotes")
async def quote(parcel: Annotated[str, Query()]) -> JSONResponse:
    task = BackgroundTask(ask_carrier, parcel).with_options(timeout=0.2)
    return JSONResponse({}, status_code=202, background=task)


@app.post("/labels")
async def label(parcel: Annotated[str, Query()]) -> JSONResponse:
    task = BackgroundTask(print_label, parcel).with_options(timeout=0.5)
    return JSONResponse({}, status_code=202, background=task)
