import tempfile
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from postlude import BackgroundScheduler, TaskRunner, current_tasks

FOLDER = Path(tempfile.gettempdir())
HOUR = timedelta(hours=1)
prices = {"lamp": 40}
pages: dict[str, str] = {}  # stands for a cache that all servers share


def export() -> Path:
    with tempfile.NamedTemporaryFile(
        "w", prefix="shop_", suffix=".csv", dir=FOLDER, delete=False
    ) as file:
        for number in range(20_000):
            print(number, "lamp", prices["lamp"], sep=",", file=file)
    return Path(file.name)


def remove(file: Path) -> None:
    size = file.stat().st_size
    file.unlink()
    print(f"removed a file of {size:,} bytes")


def sweep() -> None:
    oldest = time.time() - HOUR.total_seconds()
    for file in FOLDER.glob("shop_*"):
        with suppress(FileNotFoundError):  # its own task was faster
            if file.stat().st_mtime < oldest:
                file.unlink()
                print(f"swept {file.name}")


def page_of(item: str) -> str:
    if item not in pages:
        pages[item] = f"{item}: {prices[item]} euros"
    return pages[item]


def purge(item: str) -> None:
    time.sleep(0.1)  # another machine
    pages.pop(item, None)
    print(f"purged {item}")


def set_price(item: str, price: int) -> dict[str, int]:
    prices[item] = price
    current_tasks().add_task(purge, item)
    return {item: price}


runner = TaskRunner()
scheduler = BackgroundScheduler(runner)
sweeping = scheduler.add_recurring_task(sweep, interval=0.5)  # in a shop: HOUR
