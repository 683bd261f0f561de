"""Ravyn: several tasks of one response."""

# Not all of its methods have types.
# pyright: reportUnknownMemberType=false

import asyncio

from examples.what_happens.told import tell
from ravyn import JSONResponse, Ravyn, get
from ravyn.background import BackgroundTask, BackgroundTasks

app = Ravyn()


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
@get("/first-fails")
async def first_fails() -> JSONResponse:
    tasks = [BackgroundTask(fail, "the first"), BackgroundTask(step, "the second")]
    return JSONResponse({"ok": True}, background=BackgroundTasks(tasks))


app.add_route("/", first_fails)


# --8<-- [end:first_fails]
# --8<-- [start:three]
@get("/three")
async def three() -> JSONResponse:
    tasks = [
        BackgroundTask(step, "the first"),
        BackgroundTask(step, "the second"),
        BackgroundTask(step, "the third"),
    ]
    return JSONResponse({"ok": True}, background=BackgroundTasks(tasks))


app.add_route("/", three)


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


@get("/one-of-them-fails")
async def one_of_them_fails() -> JSONResponse:
    tasks = BackgroundTasks(
        [BackgroundTask(sibling), BackgroundTask(fail, "the second")], as_group=True
    )
    return JSONResponse({"ok": True}, background=tasks)


app.add_route("/", one_of_them_fails)


# --8<-- [end:one_of_them_fails]
# --8<-- [start:steps_in_turn]
@get("/steps-in-turn")
async def steps_in_turn() -> dict[str, bool]:
    tasks = BackgroundTasks(
        [
            BackgroundTask(step, "the first"),
            BackgroundTask(fail, "the second"),
            BackgroundTask(step, "the third"),
        ]
    )
    try:
        await tasks()
    except Exception as error:
        tell(f"{type(error).__name__} is raised")
    return {"ok": True}


app.add_route("/", steps_in_turn)


# --8<-- [end:steps_in_turn]
# --8<-- [start:twelve]
@get("/twelve")
async def twelve() -> JSONResponse:
    tasks = [BackgroundTask(step, f"task {n}") for n in range(12)]
    return JSONResponse({"ok": True}, background=BackgroundTasks(tasks))


app.add_route("/", twelve)


@get("/twelve-by-option")
async def twelve_by_option() -> JSONResponse:
    tasks = [BackgroundTask(step, f"task {n}") for n in range(12)]
    group = BackgroundTasks(tasks, as_group=True)
    return JSONResponse({"ok": True}, background=group)


app.add_route("/", twelve_by_option)


# --8<-- [end:twelve]
# --8<-- [start:task_adds_a_task]
async def add_another(tasks: BackgroundTasks) -> None:
    tell("the first adds another")
    tasks.add_task(step, "the other")


@get("/task-adds-a-task")
async def task_adds_a_task() -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(add_another, tasks)
    return JSONResponse({"ok": True}, background=tasks)


app.add_route("/", task_adds_a_task)


# --8<-- [end:task_adds_a_task]
