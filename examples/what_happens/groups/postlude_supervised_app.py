"""Postlude on Starlette, with its middleware: several tasks of one response."""

import asyncio

from examples.what_happens.told import tell
from postlude import PostludeMiddleware
from postlude.frameworks.starlette import BackgroundTasks
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse

api = Starlette()
app = PostludeMiddleware(api)


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
async def first_fails(request: Request) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(fail, "the first")
    tasks.add_task(step, "the second")
    return JSONResponse({"ok": True}, background=tasks)


api.add_route("/first-fails", first_fails)


# --8<-- [end:first_fails]
# --8<-- [start:three]
async def three(request: Request) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(step, "the first")
    tasks.add_task(step, "the second")
    tasks.add_task(step, "the third")
    return JSONResponse({"ok": True}, background=tasks)


api.add_route("/three", three)


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


async def one_of_them_fails(request: Request) -> JSONResponse:
    tasks = BackgroundTasks(max_concurrent=3)
    tasks.add_task(sibling)
    tasks.add_task(fail, "the second")
    return JSONResponse({"ok": True}, background=tasks)


api.add_route("/one-of-them-fails", one_of_them_fails)


# --8<-- [end:one_of_them_fails]
# --8<-- [start:steps_in_turn]
async def steps_in_turn(request: Request) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(step, "the first")
    tasks.add_task(fail, "the second")
    tasks.add_task(step, "the third")
    try:
        await tasks(continue_on_error=False)
    except Exception as error:
        tell(f"{type(error).__name__} is raised")
    return JSONResponse({"ok": True})


api.add_route("/steps-in-turn", steps_in_turn)


# --8<-- [end:steps_in_turn]
# --8<-- [start:twelve]
async def twelve(request: Request) -> JSONResponse:
    tasks = BackgroundTasks()
    for number in range(12):
        tasks.add_task(step, f"task {number}")
    return JSONResponse({"ok": True}, background=tasks)


api.add_route("/twelve", twelve)


async def twelve_by_option(request: Request) -> JSONResponse:
    tasks = BackgroundTasks(max_concurrent=3)
    for number in range(12):
        tasks.add_task(step, f"task {number}")
    return JSONResponse({"ok": True}, background=tasks)


api.add_route("/twelve-by-option", twelve_by_option)


# --8<-- [end:twelve]
# --8<-- [start:limit_of_zero]
async def limit_of_zero(request: Request) -> JSONResponse:
    tasks = BackgroundTasks(max_concurrent=0)
    tasks.add_task(step, "the task")
    return JSONResponse({"ok": True}, background=tasks)


api.add_route("/limit-of-zero", limit_of_zero)


# --8<-- [end:limit_of_zero]
# --8<-- [start:task_adds_a_task]
async def add_another(tasks: BackgroundTasks) -> None:
    tell("the first adds another")
    tasks.add_task(step, "the other")


async def task_adds_a_task(request: Request) -> JSONResponse:
    tasks = BackgroundTasks()
    tasks.add_task(add_another, tasks)
    return JSONResponse({"ok": True}, background=tasks)


api.add_route("/task-adds-a-task", task_adds_a_task)


# --8<-- [end:task_adds_a_task]
