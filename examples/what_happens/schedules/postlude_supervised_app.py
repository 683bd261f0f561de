"""Postlude on Starlette, with its middleware and a store: work that is due again."""

import contextlib
import os
import time
from collections.abc import AsyncGenerator

from examples.what_happens.told_at_once import tell
from postlude import (
    BackgroundScheduler,
    PostludeMiddleware,
    SQLiteStore,
    TaskQueue,
    TaskRunner,
    Worker,
    WorkerPool,
    task,
)
from starlette.applications import Starlette

# --8<-- [start:hourly]
HOUR = 4  # seconds, so that nobody waits for a real one
store = SQLiteStore(os.environ["JOBS"])
pool = WorkerPool(Worker(TaskQueue(store=store), "jobs"))
runner = TaskRunner()
scheduler = BackgroundScheduler(runner, store=store)


@task
def work() -> None:
    tell(f"the job of hour {int(time.time() / HOUR) % 24} runs")


scheduler.add_recurring_task(work, interval=HOUR)


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncGenerator[None]:
    async with pool:
        tell("a process has its schedule")
        yield


app = PostludeMiddleware(Starlette(lifespan=lifespan), runner)


# --8<-- [end:hourly]
