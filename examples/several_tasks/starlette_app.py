import asyncio
import time

from postlude.frameworks.starlette import BackgroundTasks
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


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


async def order_item(request: Request) -> JSONResponse:
    order = await request.json()
    tasks = BackgroundTasks()
    tasks.add_task(reserve_stock, order["item"])
    tasks.add_task(send_email, order["email"])
    tasks.add_task(update_search_index, order["item"])
    tasks.add_task(update_analytics)
    message = f"ordered, with {len(tasks.tasks)} background tasks"
    return JSONResponse({"message": message}, status_code=201, background=tasks)


async def resize_photos(request: Request) -> JSONResponse:
    photos = await request.json()
    tasks = BackgroundTasks(max_concurrent=3)
    for photo in photos:
        tasks.add_task(resize, photo)
    message = f"resizing {len(photos)} photos, three at a time"
    return JSONResponse({"message": message}, status_code=202, background=tasks)


app = Starlette(
    routes=[
        Route("/orders", order_item, methods=["POST"]),
        Route("/photos", resize_photos, methods=["POST"]),
    ]
)
