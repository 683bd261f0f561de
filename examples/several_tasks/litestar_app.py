import asyncio
import time
from dataclasses import dataclass

from litestar import Litestar, Response, post
from postlude.frameworks.litestar import BackgroundTasks


@dataclass
class Order:
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
async def order_item(data: Order) -> Response[dict[str, str]]:
    tasks = BackgroundTasks()
    tasks.add_task(reserve_stock, data.item)
    tasks.add_task(send_email, data.email)
    tasks.add_task(update_search_index, data.item)
    tasks.add_task(update_analytics)
    message = f"ordered, with {len(tasks.tasks)} background tasks"
    return Response({"message": message}, status_code=201, background=tasks)


@post("/photos")
async def resize_photos(data: list[str]) -> Response[dict[str, str]]:
    tasks = BackgroundTasks(max_concurrent=3)
    for photo in data:
        tasks.add_task(resize, photo)
    message = f"resizing {len(data)} photos, three at a time"
    return Response({"message": message}, status_code=202, background=tasks)


# Without a configuration of its own, its log lines come at once, like prints.
app = Litestar([order_item, resize_photos], logging_config=None)
