import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from postlude import (
    BackgroundScheduler,
    SQLiteStore,
    Succeeded,
    TaskQueue,
    Worker,
    WorkerPool,
    task,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

store = SQLiteStore("tasks.db")
pool = WorkerPool(Worker(TaskQueue(store=store), "chores"))
scheduler = BackgroundScheduler(store=store)


@task
def back_up() -> None:
    with Path("ledger.txt").open("a") as ledger:
        print("made by process", os.getpid(), file=ledger)


# In a shop: cron="30 2 * * *", and no overlap.
nightly = scheduler.add_recurring_task(back_up, interval=0.2, overlap="allow")


async def last(request: Request) -> JSONResponse:
    fired = isinstance(nightly.last_outcome, Succeeded)
    return JSONResponse({"process": os.getpid(), "fired": fired})


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncGenerator[None]:
    async with pool, scheduler:
        yield


app = Starlette(routes=[Route("/", last)], lifespan=lifespan)
