import asyncio
from pathlib import Path
from typing import Annotated

from postlude import (
    BackgroundTask,
    QueueFull,
    TaskQueue,
    TaskStatus,
    Worker,
    WorkerPool,
)
from pydantic import BaseModel
from velithon import Velithon
from velithon.params import Body, Query
from velithon.responses import JSONResponse

queue = TaskQueue(max_size=8, name="shop")
pool = WorkerPool(
    Worker(queue, "image-1", types={"image"}),
    Worker(queue, "image-2", types={"image"}),
    Worker(queue, "image-3", types={"image"}),
    Worker(queue, "email-1", types={"email"}, rate=(1, 0.4)),
    Worker(queue, "email-2", types={"email"}, rate=(1, 0.4)),
)
pictures: dict[int, list[str]] = {}  # stands for the database


def shrink(source: Path, to: Path, width: int, height: int) -> None:
    head, pixels = source.read_bytes().split(b"\n", 1)  # P5 1600 1200 255
    wide, high = (int(number) for number in head.split()[1:3])
    rows = (pixels[y * wide : (y + 1) * wide] for y in range(0, high, high // height))
    small = b"".join(row[:: wide // width] for row in rows)
    to.write_bytes(f"P5 {width} {height} 255\n".encode() + small)


def process_image(file_path: str, user_id: int) -> None:
    original = Path(file_path)
    shrink(original, large := original.with_suffix(".large.pgm"), 800, 600)
    shrink(original, thumbnail := original.with_suffix(".small.pgm"), 200, 200)
    pictures[user_id] = [large.name, thumbnail.name]
    original.unlink()


async def send_email(to: str, subject: str) -> None:
    if "@" not in to:
        raise ValueError("that is no address")
    print(f"{subject} to {to}")


def queue_image(file_path: str, user_id: int) -> tuple[dict[str, str], int]:
    job = {"type": "image", "function": process_image, "args": [file_path, user_id]}
    try:
        handle = queue.put_nowait(job)
    except QueueFull:
        return {"detail": "busy, try again"}, 503
    return {"task_id": handle.id}, 202


async def queue_newsletter(email_list: list[str], subject: str) -> None:
    for to in email_list:
        task = BackgroundTask(send_email, to, subject).with_options(name="email")
        await queue.put(task)  # waits for room


def state_of(task_id: str) -> dict[str, str]:
    handle = queue.get(task_id)
    return {"status": TaskStatus.UNKNOWN if handle is None else handle.status}


app = Velithon()
is_open, is_over = asyncio.Event(), asyncio.Event()
lives: set[asyncio.Task[None]] = set()


async def keep_open() -> None:  # one task: whoever opens a pool must close it
    async with pool:
        is_open.set()
        await is_over.wait()


@app.on_startup()  # type: ignore[func-returns-value, misc]  # annotated as None
async def start_workers() -> None:
    lives.add(asyncio.create_task(keep_open()))
    await is_open.wait()


@app.on_shutdown()  # type: ignore[func-returns-value, misc]  # annotated as None
async def drain_workers() -> None:
    is_over.set()
    await asyncio.gather(*lives)


class Image(BaseModel):
    file_path: str
    user_id: int


class Newsletter(BaseModel):
    email_list: list[str]
    subject: str


@app.post("/upload-image")
async def upload_image(image: Annotated[Image, Body()]) -> JSONResponse:
    body, status = queue_image(image.file_path, image.user_id)
    headers = {"Retry-After": "1"} if status == 503 else {}
    return JSONResponse(body, status, headers)


@app.post("/send-newsletter")
async def send_newsletter(letter: Annotated[Newsletter, Body()]) -> JSONResponse:
    await queue_newsletter(letter.email_list, letter.subject)
    return JSONResponse({"waiting": queue.waiting}, 202)


@app.get("/status")
async def status(task_id: Annotated[str, Query()]) -> dict[str, str]:
    return state_of(task_id)


@app.get("/pictures")
async def show_pictures(user_id: Annotated[int, Query()]) -> list[str]:
    return pictures[user_id]
