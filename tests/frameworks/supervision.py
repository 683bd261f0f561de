"""What holds for tasks under the middleware, whatever the framework: over a real server."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.frameworks.contract import PATIENCE, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Start = Callable[..., Server]


class SupervisionContract:
    """Subclassed once per framework; `app` is the module of its test application."""

    app: str
    served: type[Server] = Server
    # What the application itself leaves when it stops.
    epilogue: tuple[str, ...] = ()

    @pytest.fixture
    def start(self, tmp_path: Path) -> Iterator[Start]:
        servers: list[Server] = []

        def start(*options: str, **variables: str) -> Server:
            servers.append(self.served(f"{self.app}:app", tmp_path, *options, **variables))
            return servers[-1]

        yield start
        for server in servers:
            server.gate.touch()
            server.close()

    def get(self, server: Server, *paths: str, status: int = 200) -> None:
        with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
            for path in paths:
                assert client.get(path).status_code == status

    @pytest.mark.parametrize("path", ["/attached", "/awaited", "/current"])
    def test_every_task_runs_once_and_after_the_response(self, start: Start, path: str) -> None:
        server = start()
        self.get(server, path)
        assert server.lines(0) == []
        server.gate.touch()
        assert server.finish()[0] == ["done", *self.epilogue]

    @pytest.mark.parametrize("path", ["/attached", "/awaited", "/current"])
    def test_a_request_that_is_answered_gives_its_place_back(self, start: Start, path: str) -> None:
        server = start(self.served.few_places)
        self.get(server, *[path] * 9)
        server.gate.touch()
        lines, log = server.finish()
        assert lines == [*["done"] * 9, *self.epilogue]
        assert " 503" not in log  # which may be in a port

    def test_tasks_added_before_an_error_run_once(self, start: Start) -> None:
        server = start()
        server.gate.touch()
        self.get(server, "/raises", status=418)
        assert server.finish()[0] == ["done", *self.epilogue]

    def test_a_server_that_is_told_to_stop_lets_tasks_finish(self, start: Start) -> None:
        for options in self.served.hasty:
            server = start(*options)
            self.get(server, "/attached", "/awaited", "/current")
            server.process.send_signal(signal.SIGTERM)
            server.stderr(server.stops)
            server.gate.touch()
            server.process.wait(PATIENCE)
            assert server.lines(0) == [*["done"] * 3, *self.epilogue]
            log = server.errors.read_text()
            assert "Cancelled" not in log
            assert "was lost" not in log
            server.gate.unlink()
            server.log.write_text("")

    def test_what_does_not_finish_in_time_is_reported(self, start: Start) -> None:
        server = start(PROBE_DRAIN="0.2")
        self.get(server, "/attached", "/group")
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(PATIENCE)
        log = server.errors.read_text()
        lost = re.findall(r"task '(\w+)' \(id \w+\) was (lost|never)", log)
        assert lost == [("wait_for_gate", "lost"), ("wait_for_gate", "lost"), ("note", "never")]
        assert log.count("the drain timeout of 0.2 s was over") == 3
        assert log.count("0 tasks finished, 3 did not") == 1
        assert server.lines(0) == [*self.epilogue]

    def test_a_second_signal_ends_the_drain_at_once(self, start: Start) -> None:
        server = start(PROBE_DRAIN="600")
        self.get(server, "/attached")
        server.process.send_signal(signal.SIGTERM)
        server.stderr(server.stops)
        # The runner hears of it a moment later: what comes before is no second one for it.
        begun = time.monotonic()
        while server.process.poll() is None and time.monotonic() - begun < PATIENCE:
            server.signal_again()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.process.wait(1)
        log = server.errors.read_text()
        assert len(re.findall("SIG(TERM|INT) ended the drain", log)) == 1
        assert log.count("0 tasks finished, 1 did not") == 1
