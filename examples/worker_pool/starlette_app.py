from pathlib import Path

from postlude import (
    BackgroundTask,
    QueueFull,
    TaskQueue,
    TaskStatus,
    Worker,
    WorkerPool,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

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


async def upload_image(request: Request) -> JSONResponse:
    image = await request.json()
    body, status = queue_image(image["file_path"], image["user_id"])
    headers = {"Retry-After": "1"} if status == 503 else {}
    return JSONResponse(body, status, headers)


async def send_newsletter(request: Request) -> JSONResponse:
    letter = await request.json()
    await queue_newsletter(letter["email_list"], letter["subject"])
    return JSONResponse({"waiting": queue.waiting}, 202)


async def status(request: Request) -> JSONResponse:
    return JSONResponse(state_of(request.query_params["task_id"]))


async def show_pictures(request: Request) -> JSONResponse:
    return JSONResponse(pictures[int(request.query_params["user_id"])])


app = Starlette(
    routes=[
        Route("/upload-image", upload_image, methods=["POST"]),
        Route("/send-newsletter", send_newsletter, methods=["POST"]),
        Route("/status", status),
        Route("/pictures", show_pictures),
    ],
    lifespan=pool.lifespan,
)
