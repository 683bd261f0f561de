"""The servers under test: how each is started, and what it does with signals."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from postlude.testing._served import free_port

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
APP = "tests.frameworks.served_app:app"


@dataclass(frozen=True)
class Kind:
    """One way to serve an application."""

    command: str
    workers: int = 1
    has_main_process: bool = True
    has_lifespan: bool = True


_GUNICORN = f"gunicorn {APP} --bind 127.0.0.1:PORT --no-control-socket"
KINDS = {
    "uvicorn": Kind(f"uvicorn {APP} --port PORT", has_main_process=False),
    "uvicorn-graceful": Kind(
        f"uvicorn {APP} --port PORT --timeout-graceful-shutdown 1", has_main_process=False
    ),
    "uvicorn-reload": Kind(f"uvicorn {APP} --port PORT --reload --reload-dir FOLDER"),
    "uvicorn-workers": Kind(f"uvicorn {APP} --port PORT --workers 2", workers=2),
    "hypercorn": Kind(f"hypercorn {APP} --bind 127.0.0.1:PORT"),
    "hypercorn-workers": Kind(f"hypercorn {APP} --bind 127.0.0.1:PORT --workers 2", workers=2),
    "hypercorn-alone": Kind(
        f"hypercorn {APP} --bind 127.0.0.1:PORT --workers 0", has_main_process=False
    ),
    "granian": Kind(f"granian --interface asgi {APP} --port PORT"),
    "granian-workers": Kind(f"granian --interface asgi {APP} --port PORT --workers 2", workers=2),
    "gunicorn": Kind(f"{_GUNICORN} --worker-class asgi"),
    "gunicorn-workers": Kind(f"{_GUNICORN} --worker-class asgi --workers 2", workers=2),
    "gunicorn-uvicorn": Kind(f"{_GUNICORN} --worker-class uvicorn.workers.UvicornWorker"),
}


class Served:
    """The application of this folder, served by one of them."""

    def __init__(self, kind: Kind, folder: Path, **env: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.log, self.gate, self.output = folder / "log", folder / "gate", folder / "output"
        self.log.touch()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = kind.command.replace("PORT", str(port)).replace("FOLDER", str(folder))
        probes = {"PROBE_LOG": str(self.log), "PROBE_GATE": str(self.gate)}
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command.split()],
                cwd=ROOT,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": str(ROOT), **probes, **env},
            )
        # A worker that is still starting may miss a signal.
        workers = folder / "workers"
        if kind.has_lifespan:
            self.until(lambda: workers.exists() and len(_lines(workers)) >= kind.workers)
        self.until(self.answers)

    def answers(self, patience: float = PATIENCE) -> bool:
        """Whether it takes requests."""
        try:
            return httpx.get(f"{self.url}/ready", timeout=patience).status_code == 200
        except httpx.HTTPError:
            return False

    def get(self, *paths: str) -> None:
        """One request after the other."""
        for path in paths:
            assert httpx.get(self.url + path, timeout=PATIENCE).status_code == 200

    def lines(self, count: int = 0, *, since: int = 0) -> list[str]:
        """What handlers and tasks have noted, once there are so many."""
        self.until(lambda: len(_lines(self.log)) >= since + count)
        return _lines(self.log)[since:]

    def notes(self) -> list[str]:
        """What tasks have noted, without the application's own end."""
        return [line for line in _lines(self.log) if line != "lifespan over"]

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until it holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.01)

    def until_it_says(self, pattern: str) -> re.Match[str]:
        """Wait until it has printed this."""
        self.until(lambda: bool(re.search(pattern, self.output.read_text())))
        found = re.search(pattern, self.output.read_text())
        assert found
        return found

    def signal_all(self, number: int) -> None:
        """As a terminal does on Ctrl-C, and systemd to all processes of a service."""
        os.killpg(self.process.pid, number)

    def until_it_refuses(self) -> None:
        """Wait until it has begun to stop."""
        self.until(lambda: not self.answers(patience=0.5))

    def end(self) -> str:
        """Wait for it to end, and return all that it has printed."""
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(self.output.read_text()) from error
        return self.output.read_text()

    def kill(self) -> None:
        """Leave nothing behind."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.process.wait(PATIENCE)


@dataclass
class Story:
    """What one server did in a scenario."""

    served: Served
    printed: str
    seconds: float
    """From the signal to its end."""


def tell_all(
    kinds: list[str],
    folder: Path,
    scenario: Callable[[Served, Kind], None],
    **env: str,
) -> dict[str, Story | BaseException]:
    """The same scenario on several servers, side by side; the last thing it does is a signal."""

    def tell(name: str) -> Story | BaseException:
        served = None
        try:
            served = Served(KINDS[name], folder / name, **env)
            scenario(served, KINDS[name])
            since = time.monotonic()
            printed = served.end()
            return Story(served, printed, time.monotonic() - since)
        except BaseException as error:
            return error
        finally:
            if served:
                served.kill()

    with ThreadPoolExecutor(4) as executor:
        return dict(zip(kinds, executor.map(tell, kinds), strict=True))


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()
