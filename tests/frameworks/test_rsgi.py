"""The middleware on granian's own protocol, without a framework."""

from __future__ import annotations

import copy
import re
import signal
from typing import TYPE_CHECKING

import httpx
import pytest
from postlude.rsgi import PostludeMiddleware
from tests.frameworks.contract import PATIENCE, RSGIServer
from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Start = Callable[..., RSGIServer]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    servers: list[RSGIServer] = []

    def start(app: str, **variables: str) -> RSGIServer:
        servers.append(RSGIServer(f"rsgi_app:{app}", tmp_path, **variables))
        return servers[-1]

    yield start
    for server in servers:
        server.gate.touch()
        server.close()


def ask(server: RSGIServer, path: str, **options: str) -> httpx.Response:
    method = "POST" if "content" in options else "GET"
    content = options.pop("content", None)
    with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
        return client.request(method, path, content=content, headers=options)


WAYS = {
    "/empty": "",
    "/text": "text",
    "/bytes": "bytes",
    "/range": '"""',
    "/stream": "stream",
    "/echo": "first",
    "/chunks": "first",
}


def test_tasks_are_released_by_each_kind_of_response_and_drained_before_the_application(
    start: Start,
) -> None:
    server = start("app")
    for path, body in WAYS.items():
        assert ask(server, path, content="first").text == body
    assert ask(server, "/file").text.startswith('"""Applications on')
    assert server.lines(1) == ["application opened"]
    server.process.send_signal(signal.SIGTERM)
    server.stderr(server.stops)
    server.gate.touch()
    server.process.wait(PATIENCE)
    lines = server.lines(0)
    assert (lines[0], lines[-1]) == ("application opened", "application closed")
    assert sorted(lines[1:-1]) == sorted([*WAYS, "/file"])


@pytest.mark.parametrize("app", ["twice", "shared", "plain"])
def test_an_application_that_is_wrapped_twice_or_a_mere_function_runs_each_task_once(
    start: Start, app: str
) -> None:
    server = start(app)
    server.gate.touch()
    assert ask(server, "/text").text == "text"
    lines, log = server.finish()
    assert [line for line in lines if line.startswith("/")] == ["/text"]
    assert "never started" not in log


def test_tasks_of_a_websocket_run_when_its_handler_has_ended(start: Start) -> None:
    server = start("app")
    with connect(server.url.replace("http", "ws")) as socket:
        socket.send("hello")
        assert socket.recv() == "hello"
    assert server.finish()[0][1:-1] == ["handler ends", "socket is closed"]


def test_tasks_of_a_request_that_fails_run_unless_they_are_to_be_dropped(start: Start) -> None:
    server = start("app")
    server.gate.touch()
    assert ask(server, "/nowhere").status_code == 500
    assert ask(server, "/limited").status_code == 503
    assert sorted(server.finish()[0][1:-1]) == ["/limited", "/nowhere", "a", "b"]


@pytest.mark.parametrize("path", ["/nowhere", "/limited", "/broken-stream"])
def test_tasks_that_are_to_be_dropped_do_not_run(start: Start, path: str) -> None:
    server = start("dropping")
    server.gate.touch()
    assert ask(server, path).status_code >= 500
    assert server.finish()[0] == ["application opened", "application closed"]


def test_the_id_of_a_request_reaches_its_tasks_and_no_others(start: Start) -> None:
    server = start("app")
    server.gate.touch()
    ask(server, "/identity", **{"x-request-id": "r-7"})
    server.lines(3)
    ask(server, "/identity")
    lines = [line for line in server.finish()[0] if line in ("r-7", "None")]
    assert lines == ["r-7", "None"]


def test_a_runner_that_was_never_started_is_warned_of_once_and_its_tasks_run(start: Start) -> None:
    server = start("never_started")
    server.gate.touch()
    assert ask(server, "/text").text == "text"
    assert ask(server, "/bytes").text == "bytes"
    lines, log = server.finish()
    assert lines == ["/text", "/bytes"]
    assert len(re.findall("since the runner was never started", log)) == 1
    assert "granian --interface rsgi" in log


def test_what_finds_no_room_in_the_runner_runs_in_its_request(start: Start) -> None:
    server = start("crowded")
    for path in ("/text", "/bytes", "/empty"):
        assert ask(server, path).status_code < 300
    server.gate.touch()
    assert sorted(server.lines(4)[1:]) == ["/bytes", "/empty", "/text"]
    assert len(server.finish()[0]) == 5


def test_routes_can_still_be_added_to_what_is_wrapped() -> None:
    class Routed:
        routes: list[str] = []  # noqa: RUF012

        async def __call__(self, scope: object, protocol: object) -> None:
            raise NotImplementedError

    app = PostludeMiddleware(Routed())
    app.routes.append("/")
    assert app.app.routes == ["/"]
    with pytest.raises(AttributeError, match="'Routed' object has no attribute 'paths'"):
        _ = app.paths


def test_a_copy_wraps_the_same_application() -> None:
    async def app(scope: object, protocol: object) -> None:
        raise NotImplementedError

    wrapped = PostludeMiddleware(app)
    assert copy.copy(wrapped).app is wrapped.app is app


def test_wrong_arguments_are_refused() -> None:
    async def app(scope: object, protocol: object) -> None:
        raise NotImplementedError

    with pytest.raises(TypeError, match="wraps an RSGI application, got an object of type 'int'"):
        PostludeMiddleware(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="runner='tasks' must be a TaskRunner"):
        PostludeMiddleware(app, "tasks")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="on_error_response='ignore' must be 'run' or 'drop'"):
        PostludeMiddleware(app, on_error_response="ignore")  # type: ignore[arg-type]
