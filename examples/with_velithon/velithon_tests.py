import subprocess
import sys
import time
from pathlib import Path as File
from typing import Annotated

import httpx
import pytest
from postlude import BackgroundTask as Task
from postlude.frameworks.velithon import BackgroundTask, PostludeMiddleware
from velithon import Velithon
from velithon.params import Path
from velithon.responses import JSONResponse

api = Velithon()
outbox, socket = File("outbox.txt"), File("shop.sock")


def send_welcome(to: str) -> None:
    outbox.write_text(to)


@api.post("/users/{name}")
async def add_user(name: Annotated[str, Path()]) -> JSONResponse:
    task = BackgroundTask(send_welcome, name)
    return JSONResponse({"added": name}, status_code=201, background=task)


app = PostludeMiddleware(api)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_a_new_user_hands_over_a_welcome(capture_tasks: list[Task]) -> None:
    response = await add_user("ada")
    assert response.background is not None
    await response.background()  # what Velithon does next
    (task,) = capture_tasks
    assert (task.name, task.args) == ("send_welcome", ("ada",))


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/").status_code == 404
    except httpx.TransportError:  # its worker is not up yet
        return False


def test_the_welcome_arrives() -> None:
    for left_over in (outbox, socket):
        left_over.unlink(missing_ok=True)
    command = [sys.executable, "-m", "granian", "test_shop:app", "--uds", str(socket)]
    transport = httpx.HTTPTransport(uds=str(socket))
    with (
        httpx.Client(transport=transport, base_url="http://shop") as client,
        subprocess.Popen(command) as server,
    ):
        while not answers(client) and server.poll() is None:
            time.sleep(0.05)
        response = client.post("/users/ada")
        server.terminate()
    assert response.json() == {"added": "ada"}
    assert outbox.read_text() == "ada"
