"""Litestar: several tasks of one response."""

import asyncio

from examples.what_happens.told import tell
from litestar import Litestar, Response, get
from litestar.background_tasks import BackgroundTask, BackgroundTasks

app = Litestar()


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
async def first_fails() -> Response[dict[str, bool]]:
    tasks = [BackgroundTask(fail, "the first"), BackgroundTask(step, "the second")]
    return Response({"ok": True}, background=BackgroundTasks(tasks))


app.register(first_fails)


# --8<-- [end:first_fails]
# --8<-- [start:three]
@get("/three")
async def three() -> Response[dict[str, bool]]:
    tasks = [
        BackgroundTask(step, "the first"),
        BackgroundTask(step, "the second"),
        BackgroundTask(step, "the third"),
    ]
    return Response({"ok": True}, background=BackgroundTasks(tasks))


app.register(three)


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
async def one_of_them_fails() -> Response[dict[str, bool]]:
    tasks = BackgroundTasks(
        [BackgroundTask(sibling), BackgroundTask(fail, "the second")],
        run_in_task_group=True,
    )
    return Response({"ok": True}, background=tasks)


app.register(one_of_them_fails)


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


app.register(steps_in_turn)


# --8<-- [end:steps_in_turn]
# --8<-- [start:twelve]
@get("/twelve")
async def twelve() -> Response[dict[str, bool]]:
    tasks = [BackgroundTask(step, f"task {n}") for n in range(12)]
    return Response({"ok": True}, background=BackgroundTasks(tasks))


app.register(twelve)


@get("/twelve-by-option")
async def twelve_by_option() -> Response[dict[str, bool]]:
    tasks = [BackgroundTask(step, f"task {n}") for n in range(12)]
    group = BackgroundTasks(tasks, run_in_task_group=True)
    return Response({"ok": True}, background=group)


app.register(twelve_by_option)


# --8<-- [end:twelve]
