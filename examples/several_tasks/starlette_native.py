import asyncio

from starlette.applications import Starlette
from starlette.background import BackgroundTasks
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def pack() -> None:
    print("pack: start")
    await asyncio.sleep(0.4)
    print("pack: end")


async def label() -> None:
    print("label: start")
    await asyncio.sleep(0.2)
    print("label: end")


async def send_parcel(_: Request) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(pack)
    tasks.add_task(label)
    return JSONResponse({"parcel": "A-1"}, status_code=201, background=tasks)


app = Starlette(routes=[Route("/parcels", send_parcel, methods=["POST"])])
