import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from postlude import task

limit = timedelta(minutes=5)
minutes = f"{limit.seconds // 60} minutes"


@task(timeout=timedelta(seconds=30))
async def send_alert(user_id: int, message: str) -> None:
    async def send(channel: str) -> None:
        print(f"{channel} to user {user_id}: {message}")

    await asyncio.gather(send("push"), send("SMS"))


@task(timeout=limit)
def process_batch(items: list[str]) -> int:
    for item in items:
        print(f"processing {item}")
    return len(items)


@task(timeout=timedelta(hours=1))
def clean_up() -> int:
    files = sorted(Path(tempfile.gettempdir()).glob("shop_*"))
    for file in files:
        print(f"deleting {file.name}")
        file.unlink()
    return len(files)
