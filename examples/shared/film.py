import asyncio

from postlude import SQLiteStore, TaskQueue, Worker, WorkerPool, task

store = SQLiteStore("films.db")
queue = TaskQueue(store=store)
begun = asyncio.Event()


@task
async def cut(name: str) -> None:
    print(f"{name}: begins")
    begun.set()
    await asyncio.sleep(0.5)
    print(f"{name}: is cut")


def worker(drain_timeout: float) -> WorkerPool:
    return WorkerPool(Worker(queue, "worker"), drain_timeout=drain_timeout)
