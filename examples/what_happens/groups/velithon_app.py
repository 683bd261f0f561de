"""Velithon: several tasks of one response."""

# Its type stubs describe other arguments than its classes take.
# mypy: disable-error-code="arg-type, call-arg"
# pyright: reportArgumentType=false, reportCallIssue=false

import asyncio

from examples.what_happens.told import tell
from velithon import Velithon
from velithon.background import BackgroundTasks
from velithon.responses import JSONResponse

app = Velithon()


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
async def first_fails() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(fail, ("the first",))
    tasks.add_task(step, ("the second",))
    return JSONResponse({"ok": True}, background=tasks)


# --8<-- [end:first_fails]
# --8<-- [start:three]
@app.get("/three")
async def three() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(step, ("the first",))
    tasks.add_task(step, ("the second",))
    tasks.add_task(step, ("the third",))
    return JSONResponse({"ok": True}, background=tasks)


# --8<-- [end:three]
# --8<-- [start:one_of_them_fails]
async def sibling() -> None:
    tell("the sibling starts")
    try:
        await asyncio.sleep(1)
        tell("the sibling ends")
    except asyncio.CancelledError:
        tell("the sibling is cancelled")
        raise


@app.get("/one-of-them-fails")
async def one_of_them_fails() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(sibling)
    tasks.add_task(fail, ("the second",))
    return JSONResponse({"ok": True}, background=tasks)


# --8<-- [end:one_of_them_fails]
# --8<-- [start:steps_in_turn]
@app.get("/steps-in-turn")
async def steps_in_turn() -> JSONResponse:
    tasks = BackgroundTasks(max_concurrent=1)
    tasks.add_task(step, ("the first",))
    tasks.add_task(fail, ("the second",))
    tasks.add_task(step, ("the third",))
    try:
        await tasks.run_all(continue_on_error=False)
    except Exception as error:
        tell(f"{type(error).__name__} is raised")
    return JSONResponse({"ok": True})


# --8<-- [end:steps_in_turn]
# --8<-- [start:twelve]
@app.get("/twelve")
async def twelve() -> JSONResponse:
    tasks = BackgroundTasks()
    for number in range(12):
        tasks.add_task(step, (f"task {number}",))
    return JSONResponse({"ok": True}, background=tasks)


@app.get("/twelve-by-option")
async def twelve_by_option() -> JSONResponse:
    tasks = BackgroundTasks(max_concurrent=3)
    for number in range(12):
        tasks.add_task(step, (f"task {number}",))
    return JSONResponse({"ok": True}, background=tasks)


# --8<-- [end:twelve]
# --8<-- [start:limit_of_zero]
@app.get("/limit-of-zero")
async def limit_of_zero() -> JSONResponse:
    tasks = BackgroundTasks(max_concurrent=0)
    tasks.add_task(step, ("the task",))
    return JSONResponse({"ok": True}, background=tasks)


# --8<-- [end:limit_of_zero]
# --8<-- [start:task_adds_a_task]
async def add_another(tasks: BackgroundTasks) -> None:
    tell("the first adds another")
    tasks.add_task(step, ("the other",))


@app.get("/task-adds-a-task")
async def task_adds_a_task() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(add_another, (tasks,))
    return JSONResponse({"ok": True}, background=tasks)


# --8<-- [end:task_adds_a_task]
