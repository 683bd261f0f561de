import asyncio
import time
from concurrent.futures import ProcessPoolExecutor
from difflib import ndiff
from pathlib import Path
from signal import SIGKILL, SIGTERM

from broker import celery, engine
from postlude import SQLiteStore, TaskQueue, Worker
from shop import FORK, Shop, serve

LEVELS = ("attached", "supervised", "durable", "distributed")


def lines_to_add(level: str) -> int:
    before, after = (Path(f"{name}.py").read_text() for name in ("attached", level))
    if level == "distributed":
        after += Path("broker.py").read_text()
    lines = ndiff(before.splitlines(), after.splitlines())
    return sum(line.startswith("+ ") and bool(line[2:]) for line in lines)


def work() -> None:
    celery.worker_main(["worker", "--pool", "solo", "--without-gossip"])


def work_elsewhere() -> None:
    """A worker on another machine: the file there is another one."""

    async def until_nothing_is_left() -> None:
        queue = TaskQueue(store=SQLiteStore("tasks.db"))
        await queue.close()
        await Worker(queue, "elsewhere").run()

    asyncio.run(until_nothing_is_left())


def ask(level: str, task_id: str) -> str:
    """What another process is told of a task."""
    if level not in ("durable", "distributed"):
        return "unknown"
    asked = SQLiteStore(f"at-{level}/tasks.db") if level == "durable" else engine
    return str(asyncio.run(asked.status(task_id)).status)


def fates(level: str) -> dict[str, object]:
    shop = Shop(level)
    worker = shop.start(work) if level == "distributed" else None
    server = shop.start(serve, level)
    for number in ("bad", "retried", "left"):
        shop.order(number, stay=number != "left")
    shop.wait_for("left done")
    shop.wait_for("retried begun", 3)
    shop.order("killed")
    shop.wait_for("killed begun")
    if worker:
        shop.order("moved")
    server.end(SIGKILL)
    if worker:
        shop.wait_for("moved begun")
        worker.end(SIGKILL)
        worker = shop.start(work, at="elsewhere")
    elif level == "durable":
        time.sleep(1.1)  # until the lease of the server that was killed is over
        shop.start(work_elsewhere, at="elsewhere").end(0)
    moved = shop.fate("killed")

    server = shop.start(serve, level)
    if level in ("durable", "distributed"):
        shop.wait_for("killed done")
    shop.order("stopped")
    shop.wait_for("stopped begun")
    server.end(SIGTERM)
    shop.wait_for("stopped done")
    if worker:
        shop.wait_for("moved done")
        moved = shop.fate("moved")
        worker.end(SIGKILL)
    known = ask(level, "stopped")
    return {
        "lines to add or to change": lines_to_add(level),
        "programs that run": 3 if worker else 1,
        "a 202 means that the task is": "in memory" if known == "unknown" else "stored",
        "attempts, by default": shop.times("bad begun"),
        "attempts, with max_retries=2": shop.times("retried begun"),
        "it failed, says who is asked": ask(level, "bad"),
        "the client leaves": shop.fate("left"),
        "SIGTERM": shop.fate("stopped"),
        "kill -9 of the server": shop.fate("killed"),
        "kill -9 of who runs the task": moved if worker else shop.fate("killed"),
        "and only another machine is left": moved,
    }


if __name__ == "__main__":
    with ProcessPoolExecutor(4, mp_context=FORK) as pool:
        columns = list(pool.map(fates, LEVELS))
    rows = {" ": LEVELS, **{row: [c[row] for c in columns] for row in columns[0]}}
    for row, cells in rows.items():
        print(f"{row:33}", "".join(f"{cell!s:12}" for cell in cells).rstrip())
