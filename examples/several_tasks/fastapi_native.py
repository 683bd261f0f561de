import asyncio

from fastapi import BackgroundTasks, FastAPI

app = FastAPI()


async def pack() -> None:
    print("pack: start")
    await asyncio.sleep(0.4)
    print("pack: end")


async def label() -> None:
    print("label: start")
    await asyncio.sleep(0.2)
    print("label: end")


@app.post("/parcels", status_code=201)
async def send_parcel(tasks: BackgroundTasks) -> dict[str, str]:
    tasks.add_task(pack)
    tasks.add_task(label)
    return {"parcel": "A-1"}
