"""On every server, tasks run once the last byte was handed over, whatever the exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from tests.frameworks.servers import KINDS, PATIENCE, Kind, Served
from websockets.exceptions import ConnectionClosedOK
from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The others differ from these in their processes, not in how they answer.
ANSWERING = ["uvicorn", "hypercorn", "hypercorn-trio", "granian", "gunicorn", "gunicorn-uvicorn"]
TRIO = Kind(f"{KINDS['hypercorn'].command} --worker-class trio")


WITH_TRAILERS = {"hypercorn", "hypercorn-trio"}  # over HTTP/2


@pytest.fixture(scope="module", params=ANSWERING)
def serving(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    served = Served(KINDS.get(request.param, TRIO), tmp_path_factory.mktemp("served"))
    yield served
    served.kill()


@pytest.fixture
def server(serving: Served) -> Served:
    """The server, as if nothing had happened yet."""
    serving.gate.unlink(missing_ok=True)
    serving.log.write_text("")
    return serving


def test_a_response_to_options(server: Served) -> None:
    assert httpx.options(f"{server.url}/plain", timeout=PATIENCE).status_code == 200
    assert server.lines(1) == ["OPTIONS"]


def test_a_file_is_whole_and_its_task_runs(server: Served) -> None:
    response = httpx.get(f"{server.url}/file", timeout=PATIENCE)
    assert b"class Trailers" in response.content
    assert len(response.content) == int(response.headers["content-length"])
    assert server.lines(1) == ["task"]


def test_a_handler_that_raises_runs_what_it_had_added(server: Served) -> None:
    assert httpx.get(f"{server.url}/crash", timeout=PATIENCE).status_code == 500
    assert server.lines(1) == ["task"]


def test_trailers_come_before_the_task(server: Served, request: pytest.FixtureRequest) -> None:
    kind = request.node.callspec.params["serving"]
    speaks_http2 = kind.startswith("hypercorn")
    with httpx.Client(http1=not speaks_http2, http2=speaks_http2, timeout=PATIENCE) as client:
        assert client.get(f"{server.url}/trailers").content == b"body"
    sends_them = kind in WITH_TRAILERS
    assert server.lines(1 + sends_them) == ["trailers", "task"][not sends_them :]


def test_a_websocket_runs_its_tasks_when_it_closes(server: Served) -> None:
    with connect(server.url.replace("http", "ws") + "/socket") as client:
        client.send("hello")
        assert client.recv() == "still here"
        assert server.lines() == []
        client.send("close")
        # Both at once is too much for hypercorn on trio: its answer meets the application's own.
        with pytest.raises(ConnectionClosedOK):
            client.recv()
    assert server.lines(1) == ["task"]


WITHOUT_LIFESPAN = {
    "uvicorn": f"{KINDS['uvicorn'].command} --lifespan off",
    "granian": KINDS["granian"].command.replace("--interface asgi", "--interface asginl"),
    "gunicorn": f"{KINDS['gunicorn'].command} --asgi-lifespan off",
}


@pytest.mark.parametrize("kind", list(WITHOUT_LIFESPAN))
def test_without_a_lifespan_tasks_run_in_their_requests_and_the_log_says_so_once(
    tmp_path: Path, kind: str
) -> None:
    served = Served(Kind(WITHOUT_LIFESPAN[kind], has_lifespan=False), tmp_path)
    try:
        served.get("/plain", "/plain")
        assert served.lines(2) == ["GET", "GET"]
        printed = served.output.read_text()
    finally:
        served.kill()
    assert printed.count("tasks run inside their requests") == 1
