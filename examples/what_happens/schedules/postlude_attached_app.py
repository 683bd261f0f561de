"""Postlude on Starlette, without its middleware: work that is due again and again."""

import contextlib
import time
from collections.abc import AsyncGenerator
from datetime import datetime

from examples.what_happens.told_at_once import tell
from postlude import BackgroundScheduler
from starlette.applications import Starlette

# --8<-- [start:hourly]
HOUR = 4  # seconds, so that nobody waits for a real one
MIDNIGHT = datetime(2026, 1, 1)
scheduler = BackgroundScheduler(timezone="UTC")


def work() -> None:
    tell(f"the job of hour {round(time.time() / HOUR) % 24} runs")


scheduler.add_recurring_task(work, interval=HOUR, start_time=MIDNIGHT)


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncGenerator[None]:
    async with scheduler:
        tell("a process has its schedule")
        yield


app = Starlette(lifespan=lifespan)


# --8<-- [end:hourly]
