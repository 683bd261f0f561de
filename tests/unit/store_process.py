"""A process that puts tasks into a store's file, or takes them from it.

It is called as `python FILE ROLE PATH NAME NUMBER`.

What it tells on its standard output, a line each, has happened: `put ID` once the store has
confirmed it, `begin ID` and `end ID` around what a task does, `settled ID` once that is noted;
each with the time, on the clock that all processes share. It tells in one write, so that a line is
there or not.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import TYPE_CHECKING

from postlude import Message, SQLiteStore, Succeeded, TaskStatus

if TYPE_CHECKING:
    from postlude import Claim

LEASE = 3.0


def tell(what: str, task_id: str = "-") -> None:
    os.write(1, f"{what} {task_id} {time.monotonic()}\n".encode())


def open_store(path: str) -> SQLiteStore:
    return SQLiteStore(path, lease=LEASE, max_crashes=1000, timeout=30)


async def put(path: str, name: str, number: int) -> None:
    """Put so many tasks, eight at a time."""
    numbers = iter(range(number))
    async with open_store(path) as store:

        async def produce() -> None:
            for n in numbers:
                tell("put", await store.submit(Message("t", id=f"{name}-{n}", name="t")))

        async with asyncio.TaskGroup() as group:
            for _ in range(8):
                group.create_task(produce())
    tell("done")


async def work(path: str, name: str, number: int) -> None:
    """Take tasks until so many have been settled by somebody."""
    async with open_store(path) as store:

        async def do(claim: Claim) -> None:
            task_id = claim.message.id
            tell("begin", task_id)
            await asyncio.sleep(0)
            tell("end", task_id)
            outcome = Succeeded(value=None, task_id=task_id, name="t", attempts=1, duration=0.0)
            if not await store.settle([(claim, outcome)]):
                tell("settled", task_id)

        tell("ready")
        while (await store.counts())[TaskStatus.SUCCEEDED] < number:
            claims = await store.claim(worker=name, queue="default", limit=16)
            async with asyncio.TaskGroup() as group:
                for claim in claims:
                    group.create_task(do(claim))
            if not claims:
                await store.wait(queue="default", patience=0.2)
    tell("done")


if __name__ == "__main__":
    role, path, name, number = sys.argv[1:]
    asyncio.run({"put": put, "work": work}[role](path, name, int(number)))
