"""Velithon: work that is due again and again."""

import asyncio
import math
import time

from examples.what_happens.told_at_once import tell
from velithon import Velithon

# --8<-- [start:hourly]
HOUR = 4  # seconds, so that nobody waits for a real one


async def work_each_hour() -> None:
    hour = math.ceil(time.time() / HOUR)
    while True:
        await asyncio.sleep(hour * HOUR - time.time())
        tell(f"the job of hour {hour % 24} runs")
        hour += 1


app = Velithon()
jobs = set[asyncio.Task[None]]()


@app.on_startup()  # type: ignore[func-returns-value, misc]  # annotated as None
async def start_jobs() -> None:
    jobs.add(asyncio.create_task(work_each_hour()))
    tell("a process has its schedule")


@app.on_shutdown()  # type: ignore[func-returns-value, misc]  # annotated as None
async def stop_jobs() -> None:
    for job in jobs:
        job.cancel()


# --8<-- [end:hourly]
