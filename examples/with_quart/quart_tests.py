from collections.abc import AsyncIterator

import pytest
from postlude import BackgroundTask, Outcome, current_tasks
from postlude.frameworks.quart import PostludeExtension
from quart import Quart
from quart.typing import TestClientProtocol as Client

app = Quart(__name__)
PostludeExtension(app)
outbox: list[str] = []


async def send_welcome(to: str) -> None:
    outbox.append(to)


@app.post("/users/<name>")
async def add_user(name: str) -> tuple[dict[str, str], int]:
    current_tasks().add_task(send_welcome, name)
    return {"added": name}, 201


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    outbox.clear()
    async with app.test_app() as served:
        yield served.test_client()


@pytest.mark.anyio
async def test_a_new_user_hands_over_a_welcome(
    client: Client, capture_tasks: list[BackgroundTask]
) -> None:
    response = await client.post("/users/ada")
    assert await response.get_json() == {"added": "ada"}
    (task,) = capture_tasks
    assert (task.name, task.args) == ("send_welcome", ("ada",))
    assert outbox == []


@pytest.mark.anyio
async def test_the_welcome_arrives(
    client: Client, run_immediately: list[Outcome]
) -> None:
    await client.post("/users/ada")
    assert outbox == ["ada"]
    assert [outcome.name for outcome in run_immediately] == ["send_welcome"]
