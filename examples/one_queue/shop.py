import asyncio

from postlude import BackgroundTask, TaskQueue, Worker, WorkerPool


async def shrink(photo: str) -> None:
    print("shrinking", photo)
    await asyncio.sleep(0.1)


async def send_email(what: str) -> None:
    print("sending", what)


async def serve(queue: TaskQueue, *workers: Worker) -> None:
    for photo in ("cat.jpg", "dog.jpg"):
        await queue.put(BackgroundTask(shrink, photo).with_options(name="image"))
    reset = BackgroundTask(send_email, "a password reset")
    await queue.put(reset.with_options(name="email"))
    async with WorkerPool(*workers):
        await queue.join()
