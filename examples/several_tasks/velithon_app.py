import asyncio
import time
from typing import Annotated

from postlude.frameworks.velithon import BackgroundTasks
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body
from velithon.responses import JSONResponse

app = Velithon()


class Order(BaseModel):
    item: str
    email: str


def reserve_stock(item: str) -> None:
    print("stock: start")
    time.sleep(0.05)
    if item == "unicorn":
        raise LookupError("no unicorn in the warehouse")
    print("stock: end")


async def send_email(to: str) -> None:
    print(f"email to {to}: start")
    await asyncio.sleep(0.05)
    print(f"email to {to}: end")


def update_search_index(item: str) -> None:
    print(f"search index, {item}: start")
    time.sleep(0.05)
    print(f"search index, {item}: end")


async def update_analytics() -> None:
    print("analytics: start")
    await asyncio.sleep(0.05)
    print("analytics: end")


async def resize(photo: str) -> None:
    print(f"resize {photo}: start")
    await asyncio.sleep(0.05)


@app.post("/orders")
async def order_item(order: Annotated[Order, Body()]) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(reserve_stock, order.item)
    tasks.add_task(send_email, order.email)
    tasks.add_task(update_search_index, order.item)
    tasks.add_task(update_analytics)
    message = f"ordered, with {len(tasks.tasks)} background tasks"
    return JSONResponse({"message": message}, status_code=201, background=tasks)


@app.post("/photos")
async def resize_photos(photos: Annotated[list[str], Body()]) -> JSONResponse:
    tasks = BackgroundTasks(max_concurrent=3)
    for photo in photos:
        tasks.add_task(resize, photo)
    message = f"resizing {len(photos)} photos, three at a time"
    return JSONResponse({"message": message}, status_code=202, background=tasks)
