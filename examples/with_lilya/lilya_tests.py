import httpx
import pytest
from lilya.apps import Lilya
from lilya.responses import JSONResponse
from lilya.routing import Path
from postlude import Outcome
from postlude.frameworks.lilya import BackgroundTask

outbox: list[str] = []


async def send_welcome(to: str) -> None:
    outbox.append(to)


async def add_user(name: str) -> JSONResponse:
    welcome = BackgroundTask(send_welcome, name)
    return JSONResponse({"added": name}, status_code=201, background=welcome)


app = Lilya(routes=[Path("/users/{name}", add_user, methods=["POST"])])


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def client() -> httpx.AsyncClient:
    outbox.clear()
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop")


@pytest.mark.anyio
async def test_a_new_user_hands_over_a_welcome(
    client: httpx.AsyncClient, capture_tasks: list[BackgroundTask]
) -> None:
    assert (await client.post("/users/ada")).json() == {"added": "ada"}
    (task,) = capture_tasks
    assert (task.name, task.args) == ("send_welcome", ("ada",))
    assert outbox == []


@pytest.mark.anyio
async def test_the_welcome_arrives(
    client: httpx.AsyncClient, run_immediately: list[Outcome]
) -> None:
    await client.post("/users/ada")
    assert outbox == ["ada"]
    assert [outcome.name for outcome in run_immediately] == ["send_welcome"]
