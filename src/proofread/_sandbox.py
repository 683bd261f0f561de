"""A warm parent that has imported what pages import, and forks a fresh child for each job.

The parent has one thread and never runs a page's code. A child leads its own session; what it
leaves running, there or anywhere else, the parent ends and reports.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from proofread import _child, _fence, _imports, _large, _leftovers
from proofread._leftovers import Leftover

PID_WIDTH = 16
WARM = Path(__file__).with_name("_warm.py")
GONE: Mapping[str, Any] = {"status": 1, "left": [], "kept": []}
"""How a job has ended of which the warm parent could not tell."""
GRACE = 2.0
"""Seconds in which what a job has started may end by itself, after the job has."""


@dataclass(frozen=True, slots=True)
class Job:
    """One program to run in a page's directory."""

    kind: str
    """`block` for a Python block, `session` for an interpreter session, `program` for a command
    that an installed package provides, `binary` for a file of another kind."""
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
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    """What else it finds around it."""
    user: int | None = None
    """Who runs it, where that is not the engine's own user."""
    notes: Path | None = None
    """Where to note when each part of it was written, if anybody will ask."""
    imports: Path | None = None
    """Where to note which files of the page it has imported."""


class Process:
    """A job under way."""

    def __init__(
        self, pid: int, ended: socket.socket | None, popen: subprocess.Popen[bytes] | None
    ) -> None:
        self.pid = pid
        self._ended = ended
        self._popen = popen
        self._status: int | None = None
        self.left: tuple[Leftover, ...] = ()
        """What was still running when the program had ended, and has been ended since."""
        self.kept: tuple[str, ...] = ()
        """What it left in `/dev/shm`, where that is its own."""

    def wait(self, timeout: float) -> int | None:
        """The exit status; `None` when it is still running after `timeout` seconds."""
        if self._status is None and self._popen is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._status = self._popen.wait(timeout)
        elif self._status is None and self._ended is not None:
            ready, _, _ = select.select([self._ended], [], [], timeout)
            if ready:
                with self._ended, self._ended.makefile("rb") as said:
                    line = said.read()
                ended: Mapping[str, Any] = json.loads(line) if line else GONE
                self._status = ended["status"]
                self.kept = tuple(ended["kept"])
                self.left = tuple(Leftover(**left) for left in ended["left"])
        return self._status if self._status is None or self._status >= 0 else 128 - self._status

    def problem(self, *, server: bool = False) -> str | None:
        """What it left behind, for the writer of its page.

        Ctrl-C ends a server and, in a terminal, all that stayed in its group: that is no problem.
        """
        running = [left.command for left in self.left if not (server and left.grouped)]
        if running:
            named = ", ".join(f"`{command}`" for command in running)
            return f"It left running: {named}. Wait for what the page starts, or stop it."
        if self.kept:
            named = ", ".join(f"/dev/shm/{name}" for name in self.kept)
            return f"It left {named}, outside the page's directory. Write beneath it instead."
        return None

    def signal(self, number: int) -> None:
        """Send a signal to the program itself."""
        if self._status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def signal_all(self, number: int) -> None:
        """Send a signal to the program and to all that it has started."""
        for pid in _leftovers.of_session(self.pid) if self._status is None else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

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


class Starter(Protocol):
    """What starts jobs."""

    def start(self, job: Job) -> Process:
        """Start one; it runs until it ends or is killed."""
        ...


class Sandbox:
    """Starts jobs: forked from a warm parent where the system can fork, spawned elsewhere."""

    def __init__(
        self,
        preload: Sequence[str] = (),
        *,
        world: str = "",
        fork: bool = hasattr(os, "fork"),
    ) -> None:
        self.world = world
        """One hash of all that its jobs may import, from before the first import."""
        self._preload = list(preload)
        self._fork = fork
        self._warm: subprocess.Popen[bytes] | None = None
        self._address = ""
        self._private = False
        self._lock = threading.Lock()
        self._lifeline: socket.socket | None = None

    def __enter__(self) -> Sandbox:
        if self._fork:
            self._lifeline, theirs = socket.socketpair()
            with theirs:
                lifeline = str(theirs.fileno())
                argv = [sys.executable, "-P", str(WARM), lifeline, *self._preload]
                # In a session of its own: what ends the engine and its whole group leaves it the
                # time to end what it has started.
                self._warm = subprocess.Popen(
                    argv,
                    pass_fds=[theirs.fileno()],
                    env=warm_environment(),
                    start_new_session=True,
                )
        return self

    @property
    def containment(self) -> str:
        """What keeps the writes of this sandbox's jobs beneath their directories."""
        self._greet()
        return _fence.described(private=self._private)

    def _greet(self) -> None:
        """Wait until the warm parent has imported everything and said where it listens."""
        with self._lock:
            if not self._address and self._lifeline is not None:
                said = self._lifeline.recv(1024)
                if said:
                    self._address, self._private = json.loads(said)

    def _connect(self) -> socket.socket:
        """A line to the warm parent."""
        self._greet()
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
            _leftovers.end_marked()

    def start(self, job: Job) -> Process:
        """Start a job; it runs until it ends or is killed."""
        request = json.dumps(
            {**asdict(job), "ports": dict(job.ports), "env": dict(job.env)}, default=str
        )
        if not self._fork:
            argv = [sys.executable, "-m", "proofread._child", request]
            popen = subprocess.Popen(
                argv,
                env={**environment(job.directory), **job.env},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            return Process(popen.pid, None, popen)
        connection = self._connect()
        connection.sendall(request.encode() + b"\n")
        pid = int(connection.recv(PID_WIDTH, socket.MSG_WAITALL))
        return Process(pid, connection, None)


# For pages that run pytest. What the warm parent has imported is no news for the reader, whose
# pytest is not warm; and these plugins are here for other reasons, and take a second to import.
PYTEST_ADDOPTS = (
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
    *("-p", "no:faker", "-p", "no:hypothesispytest", "-p", "no:examples", "-p", "no:pytest_cov"),
    *("-p", "no:xdist", "-p", "no:xdist.looponfail"),
)


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
        # There is nobody here to be trusted; httpx would read all certificates for each client.
        "SSL_CERT_DIR": os.devnull,
        "PYTEST_ADDOPTS": " ".join(PYTEST_ADDOPTS),
    }


def warm_environment() -> dict[str, str]:
    """What the warm parent itself runs in; each child gets `environment` of its own page."""
    own = {**environment(Path.cwd()), "TMPDIR": tempfile.gettempdir()}
    del own["PYTHONDONTWRITEBYTECODE"]  # what it imports is compiled once, not at each start
    return own


def main(lifeline: int, preload: Sequence[str], *, ready: Callable[[], None]) -> None:
    """The warm parent: import, then fork a child for each connection and report how it ended.

    It ends, and ends all children, when the other end of the lifeline closes, however that came.
    """
    gc.disable()  # what is imported stays
    for name in preload:
        importlib.import_module(name)
    if threading.active_count() > 1:
        raise SystemExit("A preloaded module started a thread; a fork would lose it.")
    _child.programs()  # read once here, and not in every child
    _child.runner()
    if spawning := sys.modules.get("multiprocessing.process"):
        # What a page spawns takes `""` for this: its own directory, and not the one here.
        setattr(spawning, "ORIGINAL_DIR", "")  # noqa: B010
    ready()
    _imports.watch()
    gc.freeze()
    gc.collect()  # only what is kept to be used again: each child would let go of it, page by page
    gc.enable()
    _large.gather()
    address = f"{os.environ['TMPDIR']}/proofread-{os.getpid()}-{time.monotonic_ns():x}"
    private = _fence.privatize()
    _leftovers.adopt()
    with socket.socket(fileno=lifeline) as parent, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        try:
            parent.sendall(json.dumps([address, private]).encode())
            _Warm(listener, parent, private=private).serve()
        except BrokenPipeError:
            pass  # the engine had nothing to run and is gone
        finally:
            os.unlink(address)


@dataclass(slots=True)
class _Running:
    """A child under way, or one that has ended and left something running."""

    pid: int
    serial: int
    connection: socket.socket
    memory: Path | None
    """What it sees as `/dev/shm`, where that is its own."""
    room: Path | None = None
    """The directory of a broker, which no page has any use for when the engine is gone."""
    status: int | None = None
    deadline: float = 0.0
    left: dict[int, Leftover] = field(default_factory=dict[int, Leftover])


class _Warm:
    """The loop of the warm parent."""

    def __init__(self, listener: socket.socket, parent: socket.socket, *, private: bool) -> None:
        self.listener = listener
        self.parent = parent
        self.private = private
        self.serial = 0
        self.jobs: dict[int, _Running] = {}
        self.woken, self.wake = os.pipe()

    def serve(self) -> None:
        os.set_blocking(self.wake, False)
        signal.set_wakeup_fd(self.wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        watched: list[socket.socket | int] = [self.listener, self.woken, self.parent]
        while True:
            waited = [job.deadline for job in self.jobs.values() if job.status is not None]
            late = max(0.0, min(waited) - time.monotonic()) if waited else None
            ready, _, _ = select.select(watched, [], [], late)
            if self.parent in ready:
                for pid in self.jobs:
                    _end(pid)
                _leftovers.end_all()
                for room in [job.room for job in self.jobs.values() if job.room is not None]:
                    shutil.rmtree(room, ignore_errors=True)
                return
            if self.woken in ready:
                os.read(self.woken, 1024)
                self.reap()
            for job in [job for job in self.jobs.values() if job.status is not None]:
                self.settle(job)
            if self.listener in ready:
                self.start()

    def start(self) -> None:
        connection, _ = self.listener.accept()
        request = connection.makefile("rb").readline()
        self.serial += 1
        memory = _fence.SHARED_MEMORY / str(self.serial) if self.private else None
        if memory is not None:
            memory.mkdir()
            memory.chmod(0o1777)
        pid = os.fork()
        if pid == 0:
            _leftovers.mark(self.serial)
            others = [job.connection for job in self.jobs.values()]
            _become_child(
                request,
                memory,
                [self.listener, self.parent, connection, *others],
                [self.woken, self.wake],
            )
        told = json.loads(request)
        room = Path(told["directory"]) if told["kind"] == "binary" else None
        self.jobs[pid] = _Running(pid, self.serial, connection, memory, room)
        # Of one width: a short job's status may already stand behind it.
        connection.sendall(f"{pid:{PID_WIDTH}}".encode())

    def reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid in self.jobs:  # else it was an orphan, and adopted
                    self.jobs[pid].status = os.waitstatus_to_exitcode(status)
                    self.jobs[pid].deadline = time.monotonic() + GRACE

    def settle(self, job: _Running) -> None:
        """Report how a job ended, once nothing of it runs; what takes too long is ended."""
        others = {other.serial for other in self.jobs.values() if other is not job}
        left = _leftovers.of_job(job.pid, job.serial, others=others, known=set(self.jobs))
        if left:
            if not job.left and time.monotonic() < job.deadline:
                return
            for process in left:  # as first seen: one that is being killed has lost its name
                job.left.setdefault(process.pid, process)
            _leftovers.end([process.pid for process in left])
            job.deadline = time.monotonic() + 0.05  # what they leave in turn is adopted by then
            return
        del self.jobs[job.pid]
        ended = {
            "status": job.status,
            "left": [asdict(left) for left in job.left.values()],
            "kept": _emptied(job.memory),
        }
        with job.connection, contextlib.suppress(OSError):
            job.connection.sendall(json.dumps(ended).encode())


def _emptied(memory: Path | None) -> list[str]:
    """Remove what a job saw as `/dev/shm`; returns what it left there."""
    if memory is None:
        return []
    kept = sorted(path.name for path in memory.iterdir())
    shutil.rmtree(memory, ignore_errors=True)
    return kept


def _become_child(
    request: bytes, memory: Path | None, sockets: list[socket.socket], pipes: list[int]
) -> None:
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for open_socket in sockets:
            open_socket.close()
        for pipe in pipes:
            os.close(pipe)
        os.setsid()
        parsed: dict[str, Any] = json.loads(request)
        parsed["memory"] = memory
        given = environment(Path(parsed["directory"]))
        os.environ.clear()
        os.environ.update({**given, **parsed["env"]})
        _child.run(parsed)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(70)
