import asyncio

from litestar import Litestar, Response, post
from litestar.background_tasks import BackgroundTask, BackgroundTasks


async def pack() -> None:
    print("pack: start")
    await asyncio.sleep(0.4)
    print("pack: end")


async def label() -> None:
    print("label: start")
    await asyncio.sleep(0.2)
    print("label: end")


@post("/parcels")
async def send_parcel() -> Response[dict[str, str]]:
    tasks = BackgroundTasks([BackgroundTask(pack), BackgroundTask(label)])
    return Response({"parcel": "A-1"}, background=tasks)


app = Litestar([send_parcel])
