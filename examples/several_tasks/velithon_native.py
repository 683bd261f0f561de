import asyncio
from typing import Any

from velithon import Velithon
from velithon.background import BackgroundTasks
from velithon.responses import JSONResponse

app = Velithon()


async def pack() -> None:
    print("pack: start")
    await asyncio.sleep(0.4)
    print("pack: end")


async def label() -> None:
    print("label: start")
    await asyncio.sleep(0.2)
    print("label: end")


@app.post("/parcels")
async def send_parcel() -> JSONResponse:
    tasks: Any = BackgroundTasks()
    tasks.add_task(pack)
    tasks.add_task(label)
    return JSONResponse({"parcel": "A-1"}, status_code=201, background=tasks)
