"""Does an hourly job run once an hour when the server has two workers?"""

import math
import os
import tempfile
import time

from examples.what_happens.lab import Lab

NUMBER = "B74"
THEME = "schedules"
USES = ("hourly",)
HOUR = 4


async def scenario(lab: Lab) -> str:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["JOBS"] = f"{folder}/jobs.db"  # for the app that has a store
        async with lab.serving(
            uvicorn=["--workers", "2", "--log-level", "warning"],
            granian=["--workers", "2"],
        ) as server:
            await server.told("a process has its schedule", times=2)
            # The hour after next: either process has waited for it from the beginning.
            hour = (math.ceil(time.time() / HOUR) + 1) % 24
            await server.told(f"the job of hour {hour} runs")
            twice = await server.tells(
                f"the job of hour {hour} runs", times=2, within=HOUR - 1
            )
    return "no, once in each process" if twice else "yes"
