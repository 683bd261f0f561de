from collections.abc import Iterator

import pytest
from litestar import Litestar, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.testing import TestClient
from postlude import BackgroundTask, BackgroundTasks, Outcome
from postlude.frameworks.litestar import PostludePlugin

outbox: list[str] = []


async def send_welcome(to: str) -> None:
    outbox.append(to)


@post("/users/{name:str}")
async def add_user(
    name: FromPath[str], tasks: NamedDependency[BackgroundTasks]
) -> dict[str, str]:
    tasks.add_task(send_welcome, name)
    return {"added": name}


app = Litestar([add_user], plugins=[PostludePlugin()], logging_config=None)


@pytest.fixture
def client() -> Iterator[TestClient[Litestar]]:
    outbox.clear()
    with TestClient(app) as client:
        yield client


def test_a_new_user_hands_over_a_welcome(
    client: TestClient[Litestar], capture_tasks: list[BackgroundTask]
) -> None:
    assert client.post("/users/ada").json() == {"added": "ada"}
    (task,) = capture_tasks
    assert (task.name, task.args) == ("send_welcome", ("ada",))
    assert outbox == []


def test_the_welcome_arrives(
    client: TestClient[Litestar], run_immediately: list[Outcome]
) -> None:
    client.post("/users/ada")
    assert outbox == ["ada"]
    assert [outcome.name for outcome in run_immediately] == ["send_welcome"]
