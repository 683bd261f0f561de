from pathlib import Path

from postlude import (
    BackgroundTask,
    QueueFull,
    TaskQueue,
    TaskStatus,
    Worker,
    WorkerPool,
)
from pydantic import BaseModel
from ravyn import Gateway, JSONResponse, Ravyn, get, post

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


class Image(BaseModel):
    file_path: str
    user_id: int


class Newsletter(BaseModel):
    email_list: list[str]
    subject: str


@post("/upload-image")
async def upload_image(data: Image) -> JSONResponse:
    body, status_code = queue_image(data.file_path, data.user_id)
    headers = {"Retry-After": "1"} if status_code == 503 else {}
    return JSONResponse(body, status_code=status_code, headers=headers)


@post("/send-newsletter")
async def send_newsletter(data: Newsletter) -> JSONResponse:
    await queue_newsletter(data.email_list, data.subject)
    return JSONResponse({"waiting": queue.waiting}, status_code=202)


@get("/status")
async def status(task_id: str) -> JSONResponse:
    return JSONResponse(state_of(task_id))


@get("/pictures")
async def show_pictures(user_id: int) -> JSONResponse:
    return JSONResponse(pictures[user_id])


app = Ravyn(
    routes=[
        Gateway(handler=upload_image),
        Gateway(handler=send_newsletter),
        Gateway(handler=status),
        Gateway(handler=show_pictures),
    ],
    lifespan=pool.lifespan,
)
