"""Litestar: tasks in a test, without a server."""

# httpx and Litestar describe an ASGI application with different types.
# mypy: disable-error-code="arg-type"
# pyright: reportArgumentType=false

import asyncio

import httpx
from examples.what_happens.told import tell
from litestar import Litestar, Response, get
from litestar.background_tasks import BackgroundTask
from litestar.testing import TestClient

app = Litestar()


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
@get("/slow")
async def slow() -> Response[dict[str, bool]]:
    return Response({"ok": True}, background=BackgroundTask(work))


app.register(slow)


# --8<-- [end:slow]
# --8<-- [start:failing]
@get("/failing")
async def failing() -> Response[dict[str, bool]]:
    return Response({"ok": True}, background=BackgroundTask(fail))


app.register(failing)


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
