"""A warm parent that has imported what pages import, and forks a fresh child for each job.

The parent has one thread and never runs a page's code. A child leads its own session, so that it
can be stopped with everything it started.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from proofread import _child

PID_WIDTH = 16


@dataclass(frozen=True, slots=True)
class Job:
    """One program to run in a page's directory."""

    kind: str
    """`block` for a Python block, `session` for an interpreter session, `program` for a command."""
    argv: tuple[str, ...]
    directory: Path
    """Where it runs and what it may write to."""
    output: Path
    """Where stdout and stderr go, in the order a terminal would show them."""
    result: Path | None = None
    source: str = ""
    page: str = ""
    line: int = 0
    ports: Mapping[int, int] = field(default_factory=dict[int, int])
    """From the ports that the page shows to those that were free."""


class Process:
    """A job under way."""

    def __init__(
        self, pid: int, ended: socket.socket | None, popen: subprocess.Popen[bytes] | None
    ) -> None:
        self.pid = pid
        self._ended = ended
        self._popen = popen
        self._status: int | None = None

    def wait(self, timeout: float) -> int | None:
        """The exit status; `None` when it is still running after `timeout` seconds."""
        if self._status is None and self._popen is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._status = self._popen.wait(timeout)
        elif self._status is None and self._ended is not None:
            ready, _, _ = select.select([self._ended], [], [], timeout)
            if ready:
                line = self._ended.recv(64)
                self._ended.close()
                self._status = int(line) if line else 1
        return self._status if self._status is None or self._status >= 0 else 128 - self._status

    def signal(self, number: int) -> None:
        """Send a signal to the program itself."""
        if self._status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End the program and everything it started, at once."""
        _end(self.pid, alive=self._status is None)
        self.wait(5)


def _end(pid: int, *, alive: bool = True) -> None:
    """End a job and all it started; one that has just been forked leads no group yet."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
        return
    if alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Sandbox:
    """Starts jobs: forked from a warm parent where the system can fork, spawned elsewhere."""

    def __init__(self, preload: Sequence[str] = (), *, fork: bool = hasattr(os, "fork")) -> None:
        self._preload = list(preload)
        self._fork = fork
        self._warm: subprocess.Popen[bytes] | None = None
        self._address = ""
        self._lock = threading.Lock()
        self._lifeline: socket.socket | None = None

    def __enter__(self) -> Sandbox:
        if self._fork:
            self._lifeline, theirs = socket.socketpair()
            with theirs:
                argv = [
                    sys.executable,
                    "-P",
                    "-m",
                    "proofread._sandbox",
                    str(theirs.fileno()),
                    *self._preload,
                ]
                self._warm = subprocess.Popen(
                    argv, pass_fds=[theirs.fileno()], env=warm_environment()
                )
        return self

    def _connect(self) -> socket.socket:
        """A line to the warm parent; the first caller waits until it has imported everything."""
        with self._lock:
            if not self._address and self._lifeline is not None:
                self._address = self._lifeline.recv(108).decode()
        if not self._address:
            raise RuntimeError(
                f"The warm parent did not start: it could not import one of {self._preload}."
            )
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self._address)
        return connection

    def __exit__(self, *_: object) -> None:
        if self._warm is not None and self._lifeline is not None:
            self._lifeline.close()
            self._warm.wait()

    def start(self, job: Job) -> Process:
        """Start a job; it runs until it ends or is killed."""
        request = json.dumps({**asdict(job), "ports": dict(job.ports)}, default=str)
        if not self._fork:
            argv = [sys.executable, "-m", "proofread._child", request]
            popen = subprocess.Popen(
                argv,
                env=environment(job.directory),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            return Process(popen.pid, None, popen)
        connection = self._connect()
        connection.sendall(request.encode() + b"\n")
        pid = int(connection.recv(PID_WIDTH, socket.MSG_WAITALL))
        return Process(pid, connection, None)


def environment(directory: Path) -> dict[str, str]:
    """What a page's program finds around it: nothing of the writer's own."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    kept = {
        key: os.environ[key]
        for key in ("SYSTEMROOT", "VIRTUAL_ENV", "PYTHONPATH")
        if key in os.environ
    }
    return {
        **kept,
        "PATH": path,
        "HOME": str(directory),
        "TMPDIR": str(directory / ".tmp"),
        "LANG": "C.UTF-8",
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }


def warm_environment() -> dict[str, str]:
    """What the warm parent itself runs in; each child gets `environment` of its own page."""
    own = {**environment(Path.cwd()), "TMPDIR": tempfile.gettempdir()}
    del own["PYTHONDONTWRITEBYTECODE"]  # what it imports is compiled once, not at each start
    return own


def main(lifeline: int, preload: Sequence[str]) -> None:
    """The warm parent: import, then fork a child for each connection and report how it ended.

    It ends, and ends all children, when the other end of the lifeline closes, however that came.
    """
    for name in preload:
        importlib.import_module(name)
    if threading.active_count() > 1:
        raise SystemExit("A preloaded module started a thread; a fork would lose it.")
    _child.programs()  # read once here, and not in every child
    gc.collect()
    gc.freeze()
    address = f"{os.environ['TMPDIR']}/proofread-{os.getpid()}-{time.monotonic_ns():x}"
    with socket.socket(fileno=lifeline) as parent, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        try:
            parent.sendall(address.encode())
            _serve(listener, parent)
        except BrokenPipeError:
            pass  # the engine had nothing to run and is gone
        finally:
            os.unlink(address)


def _serve(listener: socket.socket, parent: socket.socket) -> None:
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    running: dict[int, socket.socket] = {}
    watched: list[socket.socket | int] = [listener, woken, parent]
    while True:
        ready, _, _ = select.select(watched, [], [])
        if parent in ready:
            for pid in running:
                _end(pid)
            return
        if woken in ready:
            os.read(woken, 1024)
            _reap(running)
        if listener in ready:
            connection, _ = listener.accept()
            request = connection.makefile("rb").readline()
            pid = os.fork()
            if pid == 0:
                _become_child(
                    request, [listener, parent, connection, *running.values()], [woken, wake]
                )
            running[pid] = connection
            # Of one width: a short job's status may already stand behind it.
            connection.sendall(f"{pid:{PID_WIDTH}}".encode())


def _reap(running: dict[int, socket.socket]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        connection = running.pop(pid)
        with connection, contextlib.suppress(OSError):
            connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _become_child(request: bytes, sockets: list[socket.socket], pipes: list[int]) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for open_socket in sockets:
        open_socket.close()
    for pipe in pipes:
        os.close(pipe)
    os.setsid()
    parsed: dict[str, Any] = json.loads(request)
    os.environ.clear()
    os.environ.update(environment(Path(parsed["directory"])))
    try:
        _child.run(parsed)
    finally:
        os._exit(70)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
