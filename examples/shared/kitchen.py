import time
from pathlib import Path

from postlude import SQLiteStore, TaskQueue, Worker, WorkerPool, task

queue = TaskQueue(store=SQLiteStore("kitchen.db"))
pool = WorkerPool(Worker(queue, "cook"))  # one task at a time


def at_work() -> int:
    return len(list(Path().glob("*.pan")))


@task
def cook(dish: str, patience: float) -> int:
    pan = Path(f"{dish}.pan")
    pan.touch()
    end = time.monotonic() + patience
    while (together := at_work()) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.1)  # until the other has seen it, too
    pan.unlink()
    return together
