from pathlib import Path

from postlude import SQLiteStore, TaskQueue, Worker, WorkerPool, task

queue = TaskQueue(store=SQLiteStore("studio.db"))
pool = WorkerPool(Worker(queue, "cutter", concurrency=2))


@task
def cut_a_film(name: str) -> None:
    for _ in range(120):
        sum(frame * frame for frame in range(100_000))
    Path(name).touch()
