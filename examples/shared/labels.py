import time

from postlude import SQLiteStore, TaskQueue, Worker, WorkerPool, task

store = SQLiteStore("tasks.db", lease=2)
queue = TaskQueue(name="shop", store=store)
pool = WorkerPool(Worker(queue, "packer", concurrency=4))


@task
def print_label(order: int) -> str:
    print(f"printing label {order}\n", end="", flush=True)
    time.sleep(0.6)
    print(f"printed label {order}\n", end="", flush=True)
    return f"label-{order}.pdf"
