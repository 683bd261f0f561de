import asyncio

from ravyn import Gateway, JSONResponse, Ravyn, post
from ravyn.background import BackgroundTask, BackgroundTasks


async def pack() -> None:
    print("pack: start")
    await asyncio.sleep(0.4)
    print("pack: end")


async def label() -> None:
    print("label: start")
    await asyncio.sleep(0.2)
    print("label: end")


@post("/parcels")
async def send_parcel() -> JSONResponse:
    tasks = BackgroundTasks([BackgroundTask(pack), BackgroundTask(label)])
    return JSONResponse({"parcel": "A-1"}, status_code=201, background=tasks)


app = Ravyn(routes=[Gateway(handler=send_parcel)])
