import time

from postlude import SQLiteStore, TaskQueue, Worker, WorkerPool, task

queue = TaskQueue(store=SQLiteStore("kitchen.db"))
pool = WorkerPool(Worker(queue, "cook"))  # one task at a time


@task
def cook(dish: int) -> None:
    time.sleep(0.1)
