import asyncio
import time

from postlude.frameworks.ravyn import BackgroundTasks
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, post


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


@post("/orders")
async def order_item(data: Order) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(reserve_stock, data.item)
    tasks.add_task(send_email, data.email)
    tasks.add_task(update_search_index, data.item)
    tasks.add_task(update_analytics)
    message = f"ordered, with {len(tasks.tasks)} background tasks"
    return JSONResponse({"message": message}, status_code=201, background=tasks)


@post("/photos")
async def resize_photos(data: list[str]) -> JSONResponse:
    tasks = BackgroundTasks(max_concurrent=3)
    for photo in data:
        tasks.add_task(resize, photo)
    message = f"resizing {len(data)} photos, three at a time"
    return JSONResponse({"message": message}, status_code=202, background=tasks)


app = Ravyn(routes=[Gateway(handler=order_item), Gateway(handler=resize_photos)])
