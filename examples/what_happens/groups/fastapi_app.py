"""FastAPI: several tasks of one response."""

import asyncio

from examples.what_happens.told import tell
from fastapi import BackgroundTasks, FastAPI

app = FastAPI()


# --8<-- [start:steps]
async def step(name: str) -> None:
    tell(f"{name} starts")
    await asyncio.sleep(0.5)
    tell(f"{name} ends")


async def fail(name: str) -> None:
    tell(f"{name} fails")
    raise ValueError("boom")


# --8<-- [end:steps]
# --8<-- [start:first_fails]
@app.get("/first-fails")
async def first_fails(tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(fail, "the first")
    tasks.add_task(step, "the second")
    return {"ok": True}


# --8<-- [end:first_fails]
# --8<-- [start:three]
@app.get("/three")
async def three(tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(step, "the first")
    tasks.add_task(step, "the second")
    tasks.add_task(step, "the third")
    return {"ok": True}


# --8<-- [end:three]
# --8<-- [start:steps_in_turn]
@app.get("/steps-in-turn")
async def steps_in_turn() -> dict[str, bool]:
    tasks = BackgroundTasks()
    tasks.add_task(step, "the first")
    tasks.add_task(fail, "the second")
    tasks.add_task(step, "the third")
    try:
        await tasks()
    except Exception as error:
        tell(f"{type(error).__name__} is raised")
    return {"ok": True}


# --8<-- [end:steps_in_turn]
# --8<-- [start:twelve]
@app.get("/twelve")
async def twelve(tasks: BackgroundTasks) -> dict[str, bool]:
    for number in range(12):
        tasks.add_task(step, f"task {number}")
    return {"ok": True}


# --8<-- [end:twelve]
# --8<-- [start:task_adds_a_task]
async def add_another(tasks: BackgroundTasks) -> None:
    tell("the first adds another")
    tasks.add_task(step, "the other")


@app.get("/task-adds-a-task")
async def task_adds_a_task(tasks: BackgroundTasks) -> dict[str, bool]:
    tasks.add_task(add_another, tasks)
    return {"ok": True}


# --8<-- [end:task_adds_a_task]
