"""Postlude on Starlette, with its middleware: tasks in a test, without a server."""

# The types of this test client are those of httpx2, which is not installed.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import asyncio

import httpx
from examples.what_happens.told import tell
from postlude import PostludeMiddleware
from postlude.frameworks.starlette import BackgroundTask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.testclient import TestClient

api = Starlette()
app = PostludeMiddleware(api)


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
    return JSONResponse({"ok": True}, background=BackgroundTask(work))


api.add_route("/slow", slow)


# --8<-- [end:slow]
# --8<-- [start:failing]
async def failing(request: Request) -> JSONResponse:
    return JSONResponse({"ok": True}, background=BackgroundTask(fail))


api.add_route("/failing", failing)


# --8<-- [end:failing]
# --8<-- [start:client]
def ask(path: str) -> None:
    with TestClient(app) as client:
        response = client.get(path)
        tell(f"the test has {response.status_code}")


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
