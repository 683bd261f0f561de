import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from difflib import ndiff
from pathlib import Path
from signal import SIGKILL, SIGTERM

from broker import engine
from postlude import SQLiteStore, TaskQueue, Worker
from shop import Shop

LEVELS = ("attached", "supervised", "durable", "distributed")
WORKER = "celery -A broker:celery worker --pool solo --without-gossip"


def lines_to_add(level: str) -> int:
    before, after = (Path(f"{name}.py").read_text() for name in ("attached", level))
    if level == "distributed":
        after += Path("broker.py").read_text()
    lines = ndiff(before.splitlines(), after.splitlines())
    return sum(line.startswith("+ ") and bool(line[2:]) for line in lines)


def asked(shop: Shop, level: str, task_id: str) -> str:
    """What another process, which is this one, is told of a task."""
    if level == "distributed":
        return asyncio.run(engine.status(task_id)).status
    if level == "durable":
        store = SQLiteStore(shop.home / "tasks.db")
        return asyncio.run(store.status(task_id)).status
    return "unknown"


def try_elsewhere(shop: Shop) -> None:
    """A worker that has another file, as on another machine, runs what it finds."""

    async def work() -> None:
        queue = TaskQueue(store=SQLiteStore(shop.home / "elsewhere.db"))
        await queue.close()
        await Worker(queue, "elsewhere").run()

    time.sleep(1.1)  # until the lease of the dead worker is over
    asyncio.run(work())


def fates(level: str) -> dict[str, object]:
    shop = Shop(level)
    serve = f"uvicorn {level}:app --uds door"
    worker = shop.start(WORKER) if level == "distributed" else None
    server = shop.start(serve)
    for number in ("bad", "retried", "left"):
        shop.order(number, stay=number != "left")
    shop.wait_for("left done")
    shop.wait_for("retried begun", 3)
    shop.order("killed")
    shop.wait_for("killed begun")
    if worker:
        shop.order("moved")
    server.end(SIGKILL)
    known = asked(shop, level, "killed")
    if worker:
        shop.wait_for("moved begun")
        worker.end(SIGKILL)
        worker = shop.start(WORKER, directory="elsewhere")
    elif level == "durable":
        try_elsewhere(shop)
    moved = shop.fate("killed")

    server = shop.start(serve)
    if known == "running":
        shop.wait_for("killed done")
    shop.order("stopped")
    shop.wait_for("stopped begun")
    server.end(SIGTERM)
    shop.wait_for("stopped done")
    if worker:
        shop.wait_for("moved done")
        moved = shop.fate("moved")
        worker.end(SIGKILL)
    return {
        "lines to add or to change": lines_to_add(level),
        "programs that run": 3 if worker else 1,
        "a 202 means that the task is": "in memory" if known == "unknown" else "stored",
        "attempts, by default": shop.times("bad begun"),
        "attempts, with max_retries=2": shop.times("retried begun"),
        "it failed, says who is asked": asked(shop, level, "bad"),
        "the client leaves": shop.fate("left"),
        "SIGTERM": shop.fate("stopped"),
        "kill -9 of the server": shop.fate("killed"),
        "kill -9 of who runs the task": moved if worker else shop.fate("killed"),
        "and only another machine is left": moved,
    }


if __name__ == "__main__":
    with ThreadPoolExecutor() as pool:
        columns = list(pool.map(fates, LEVELS))
    rows = {" ": LEVELS, **{row: [c[row] for c in columns] for row in columns[0]}}
    for row, cells in rows.items():
        print(f"{row:33}", "".join(f"{cell!s:12}" for cell in cells).rstrip())
