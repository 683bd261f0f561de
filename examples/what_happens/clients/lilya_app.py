"""Lilya: tasks in a test, without a server."""

import asyncio

import httpx
from examples.what_happens.told import tell
from lilya.apps import Lilya
from lilya.background import Task
from lilya.requests import Request
from lilya.responses import JSONResponse

app = Lilya()


# --8<-- [start:work]
async def work() -> None:
    tell("task starts")
    await asyncio.sleep(1.5)
    tell("task ends")


# --8<-- [end:work]
# --8<-- [start:fail]
async def fail() -> None:
    tell("task starts")
    raise ValueError("no")


# --8<-- [end:fail]
# --8<-- [start:slow]
async def slow(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=Task(work))


app.add_route("/slow", slow)


# --8<-- [end:slow]
# --8<-- [start:failing]
async def failing(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=Task(fail))


app.add_route("/failing", failing)


# --8<-- [end:failing]
# --8<-- [start:client]
async def ask_app(path: str) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        response = await client.get(path)
        tell(f"the test has {response.status_code}")


def ask(path: str) -> None:
    asyncio.run(ask_app(path))


# --8<-- [end:client]
# --8<-- [start:test_slow]
def test_slow() -> None:
    ask("/slow")


# --8<-- [end:test_slow]
# --8<-- [start:test_failing]
def test_failing() -> None:
    ask("/failing")


# --8<-- [end:test_failing]
# --8<-- [start:test_without_lifespan]
async def ask_slow() -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        response = await client.get("/slow")
        tell(f"the test has {response.status_code}")


def test_without_lifespan() -> None:
    asyncio.run(ask_slow())


# --8<-- [end:test_without_lifespan]
