"""What holds for our decorators, classes and sockets, whatever the framework: over a real server.

What holds for any task on any server is asked in `tests/conformance`.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from postlude.testing._served import free_port
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


class Server:
    """An application under uvicorn, in a process of its own."""

    program: tuple[str, ...] = ("uvicorn",)
    is_up = "Uvicorn running"
    stops = "Waiting for application shutdown"
    few_places = "--limit-concurrency=3"
    hasty: tuple[tuple[str, ...], ...] = ((), ("--timeout-graceful-shutdown=1",))
    """Ways in which it waits for its requests; all wait for the application."""

    def __init__(self, app: str, folder: Path, *options: str, **variables: str) -> None:
        self.log = folder / "log.txt"
        self.gate = folder / "gate"
        self.errors = folder / "stderr.txt"
        self.log.touch()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [
            sys.executable,
            "-m",
            *self.program,
            f"tests.frameworks.{app}",
            *options,
        ]
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [*command, f"--port={port}"],
                stdout=errors,
                stderr=errors,
                env={
                    **os.environ,
                    "PYTHONPATH": str(ROOT),
                    "PROBE_LOG": str(self.log),
                    "PROBE_GATE": str(self.gate),
                    **variables,
                },
            )
        try:
            self._wait_until(lambda: self.is_up in self.errors.read_text())
            # granian's worker says that it has started a moment before it listens.
            self._wait_until(lambda: _listens(port))
        except BaseException:
            self.process.kill()
            self.process.wait(PATIENCE)
            raise

    def close(self) -> None:
        """Stop it as a service manager does."""
        self.process.terminate()
        self.process.wait(PATIENCE)

    def signal_again(self) -> None:
        """Ask for the end once more."""
        self.process.send_signal(signal.SIGTERM)

    def lines(self, count: int) -> list[str]:
        """The lines that tasks have left, once there are so many."""
        self._wait_until(lambda: len(self.log.read_text().splitlines()) >= count)
        return self.log.read_text().splitlines()

    def stderr(self, text: str) -> str:
        """What the server wrote, once `text` is part of it."""
        self._wait_until(lambda: text in self.errors.read_text())
        return self.errors.read_text()

    def finish(self) -> tuple[list[str], str]:
        """End the server, which lets its tasks end first, and return all lines and its log."""
        self.close()
        return self.log.read_text().splitlines(), self.errors.read_text()

    def _wait_until(self, condition: object) -> None:
        assert callable(condition)
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert self.process.poll() is None, self.errors.read_text()
            assert time.monotonic() < deadline, self.errors.read_text()
            time.sleep(0.01)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class RSGIServer(Server):
    """An application under granian and its own protocol."""

    program = ("granian", "--interface=rsgi")
    is_up = "Started worker-1 runtime-1"
    stops = "Shutting down granian"
    few_places = "--backpressure=3"
    hasty = ((),)

    def signal_again(self) -> None:
        """The main process keeps a second signal to itself; the log says how to reach the other."""
        worker = re.search(r"\(kill -INT (\d+)\)", self.stderr("kill -INT "))
        assert worker
        with contextlib.suppress(ProcessLookupError):  # it ends before the main process does
            os.kill(int(worker[1]), signal.SIGINT)


class AttachmentContract:
    """Subclassed once per framework; `app` is the module of its test application."""

    app: str
    served: type[Server] = Server
    variable = "app"
    status = 200
    handler_level = False
    plain_values = False
    sockets = True

    @pytest.fixture
    def server(self, tmp_path: Path) -> Iterator[Server]:
        server = self.served(f"{self.app}:{self.variable}", tmp_path)
        yield server
        server.close()

    @pytest.fixture
    def client(self, server: Server) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
            yield client

    def get(self, client: httpx.Client, path: str) -> None:
        assert client.get(path).status_code == self.status

    def test_tasks_run_in_order_once_and_past_a_failure_logged_once(
        self, server: Server, client: httpx.Client
    ) -> None:
        self.get(client, "/group")
        server.lines(3)
        lines, log = server.finish()
        assert lines == ["first", "second", "third"]
        assert log.count("Traceback (most recent call last)") == 1
        assert (
            len(re.findall(r"task 'boom' \(id \w+\) failed on attempt 1 after 0\.\d+ s", log)) == 1
        )
        assert log.count("ValueError: out of paper") == 1
        assert "Exception in ASGI application" not in log
        assert "hunter2" not in log

    def test_a_decorated_handler_runs_its_tasks_for_each_request_before_the_responses(
        self, server: Server, client: httpx.Client
    ) -> None:
        self.get(client, "/decorated")
        server.lines(2)
        self.get(client, "/decorated")
        server.lines(4)
        lines, log = server.finish()
        assert lines == ["handler", "response"] * 2
        assert "Traceback" not in log

    def test_a_response_that_is_kept_does_not_gather_tasks(
        self, server: Server, client: httpx.Client
    ) -> None:
        for _ in range(3):
            self.get(client, "/kept")
        server.lines(3)
        assert server.finish()[0] == ["kept"] * 3

    def test_plain_values_are_decorated_or_refused_with_advice(
        self, server: Server, client: httpx.Client
    ) -> None:
        response = client.get("/plain")
        server.lines(int(self.plain_values))
        lines, log = server.finish()
        if self.plain_values:
            assert (response.status_code, response.json()) == (self.status, {"plain": "value"})
            assert lines == ["plain"]
            assert "Traceback" not in log
        else:
            assert (response.status_code, lines) == (500, [])
            advice = "plain() returned 'dict', which is no response: return JSONResponse"
            assert advice in log + response.text

    def test_the_tasks_of_a_websocket_run_once_when_either_side_has_closed_it(
        self, server: Server
    ) -> None:
        if not self.sockets:
            with pytest.raises(InvalidStatus, match="HTTP 403"):
                connect(server.url.replace("http", "ws") + "/socket")
            return
        for says in ("close", "hang up"):
            with connect(server.url.replace("http", "ws") + "/socket") as socket:
                socket.send("hello")
                assert socket.recv() == "still here"
                if says == "close":
                    assert server.lines(0) == []
                    socket.send(says)
        lines, log = server.finish()
        assert lines == ["socket", "socket"]
        assert "never run" not in log

    def test_a_task_of_the_route_runs_once_per_request(
        self, server: Server, client: httpx.Client
    ) -> None:
        if not self.handler_level:
            assert client.get("/handler").status_code == 404
            return
        for _ in range(3):
            self.get(client, "/handler")
        server.lines(3)
        lines, log = server.finish()
        assert lines == ["route"] * 3
        assert log.count("Traceback (most recent call last)") == 3
        assert "Exception in ASGI application" not in log
