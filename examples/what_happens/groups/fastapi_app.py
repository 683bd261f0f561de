"""FastAPI: several tasks of one response."""

import asyncio

from examples.what_happens.told import tell
from fastapi import BackgroundTasks, FastAPI

app = FastAPI()


# --8<-- [start:steps]
async def step(name: str) -> None:
    tell(f"{name} starts")
    await asyncio.sleep(0.1)
    tell(f"{name} ends")


async def fail() -> None:
    tell("the first fails")
    raise RuntimeError("boom")


# --8<-- [end:steps]
# --8<-- [start:first_fails]
@app.get("/first-fails")
async def first_fails(tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(fail)
    tasks.add_task(step, "the second")
    return {"ok": True}


# --8<-- [end:first_fails]
