"""Lilya: work that is due again and again."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncGenerator

from examples.what_happens.told_at_once import tell
from lilya.apps import Lilya

# --8<-- [start:hourly]
HOUR = 4  # seconds, so that nobody waits for a real one


async def work_each_hour() -> None:
    hour = math.ceil(time.time() / HOUR)
    while True:
        await asyncio.sleep(hour * HOUR - time.time())
        tell(f"the job of hour {hour % 24} runs")
        hour += 1


@contextlib.asynccontextmanager
async def lifespan(app: Lilya) -> AsyncGenerator[None]:
    job = asyncio.create_task(work_each_hour())
    tell("a process has its schedule")
    yield
    job.cancel()


app = Lilya(lifespan=lifespan)


# --8<-- [end:hourly]
