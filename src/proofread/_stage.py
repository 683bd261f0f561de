"""Where a section is told: its directory, what runs there, and the server that is up."""

from __future__ import annotations

import json
import re
import shutil
import signal
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from proofread import _brokers, _cluster
from proofread._chatter import Chatter
from proofread._expect import tidy
from proofread._model import Block
from proofread._sandbox import Job, Process, Starter
from proofread._server import KINDS, Server, free_port, with_port
from proofread._service import Broker, Service, Worker, as_run, as_shown, notes_of
from proofread._settings import Limits
from proofread._tape import Tape
from proofread._workers import Kind

if TYPE_CHECKING:
    from proofread._python import Ended

FORKED = "`os.fork()` made a copy of the block that ran on to its end. End it: `os._exit(0)`."


AT_ONCE = 0.3
"""Seconds within which what follows right after something else has come, or does not come."""


class Ran(NamedTuple):
    """What came of a block of Python: how it ended, or why that is not known."""

    printed: str
    ended: Ended | None
    problem: str = ""


class Imported(NamedTuple):
    """A file that a program has imported to its end."""

    file: str
    seconds: float
    said: bool
    """Whether something was printed meanwhile, by it or by another part of the program."""


class Stage:
    """One section's; nothing of it is left for the next."""

    def __init__(
        self,
        sandbox: Starter,
        root: Path,
        limits: Limits,
        *,
        tape: Tape | None = None,
        shown: Iterable[int] = (),
    ) -> None:
        """Prepare it; `shown` are the ports at which it will have brokers."""
        self.server: Server | None = None
        self.workers: list[Worker] = []
        self._brokers: dict[str, Broker] = {}
        self._broker_ports = {port: free_port() for port in shown}
        self._rooms: dict[str, Path] = {}
        self._tape = tape
        self._sandbox = sandbox
        self._limits = limits
        self._directory = root / "page"
        self._backstage = root / "backstage"
        self._directory.mkdir(parents=True)
        self._backstage.mkdir()
        self._imports: Path | None = None

    def save(self, block: Block) -> None:
        """Write a block to the file that its title names, if it has one."""
        if block.title:
            target = self._directory / block.title
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self.as_run(block.text), encoding="utf-8")

    def run(self, kind: str, argv: tuple[str, ...], block: Block, *, name: str) -> Ran:
        """Run a block, and wait for its end."""
        log, ending = self._backstage / f"{name}.log", self._backstage / f"{name}.json"
        process = self._start(kind, argv, log, block=block, ending=ending)
        status = process.wait(self._limits.block)
        process.kill()
        printed = self._read(log)
        text = ending.read_text(encoding="utf-8") if ending.exists() else ""
        if status is None:
            late = f"Still running after {self._limits.block:g} s. It printed:"
            return Ran(printed, None, f"{late}\n{printed}")
        if not text:
            early = f"The process ended with status {status} in the middle of the block."
            return Ran(printed, None, f"{early}\n{printed}")
        ends: list[Ended] = [json.loads(line) for line in text.splitlines()]
        own = [ended for ended in ends if not ended.get("fork")]
        problem = FORKED if len(own) < len(ends) else process.problem()
        if problem:
            return Ran(printed, None, f"{problem}\n{printed}".rstrip())
        if own and status == (0 if own[0]["error"] is None else 1):
            return Ran(printed, own[0])
        odd = f"The process ended with status {status} after the block."
        return Ran(printed, None, f"{odd}\n{printed}")

    def watch_imports(self) -> None:
        """From here on, note which files of the page its programs import."""
        self._imports = self._backstage / "imports"
        self._imports.touch()

    def imported(self) -> list[Imported]:
        """The files that programs have imported so far, in order."""
        if self._imports is None:
            return []
        lines = [line.split("\t") for line in self._imports.read_text("utf-8").splitlines()]
        return [Imported(file, float(took), said == "1") for file, took, said in lines]

    def command(self, argv: tuple[str, ...], *, name: str) -> tuple[str, int | None, str | None]:
        """Run a program: what it printed, its status, `None` if it would not end, what it left."""
        log = self._backstage / f"command-{name}.log"
        process = self._start("program", argv, log)
        status = process.wait(self._limits.block)
        process.kill()
        return self._read(log), status, process.problem()

    def open_server(self, argv: Sequence[str], *, name: str) -> str | None:
        """Start a server on a free port and wait until it is up; otherwise why it is not."""
        if self._tape is not None:
            self._tape.begin()
        own, shown, port = with_port(list(argv))
        log = self._backstage / f"server-{name}.log"
        process = self._start("program", tuple(own), log, stays=True)
        self.server = Server(process, KINDS[own[0]], log, shown=shown, port=port)
        problem = self.server.wait_until_up(self._limits.block)
        if problem:
            self.kill()
        return problem

    def close_server(self) -> str | None:
        """Stop the server as Ctrl-C does; otherwise what is wrong with its end."""
        server, self.server = self.server, None
        return server.stop(self._limits.block) if server is not None else None

    def lay_out(self, argv: Sequence[str]) -> None:
        """Make the directory of a PostgreSQL."""
        _cluster.lay_out(self._room("postgres") / str(_cluster.directory_of(argv)))

    def _room(self, program: str) -> Path:
        """Where the data of a broker is, also of one that is started again."""
        if program not in self._rooms:
            room = Path(tempfile.mkdtemp(prefix="proofread-broker-"))
            owner = _cluster.user() if _brokers.KINDS[program].drops_root else None
            if owner is not None:
                shutil.chown(room, owner, owner)
            self._rooms[program] = room
        return self._rooms[program]

    def open_broker(self, argv: Sequence[str], *, name: str) -> str | None:
        """Start a broker on a free port and wait until it is up; otherwise why it is not."""
        program, shown = argv[0], _brokers.shown_port(argv)
        kind, room = _brokers.KINDS[program], self._room(argv[0])
        if (above := self._brokers.get(program)) and not above.has_ended():
            return f"`{program}` is up already: it stays until the section ends."
        named = _cluster.directory_of(argv) if program == "postgres" else ""
        if not (room / str(named)).exists():
            return f"There is no {named!r} yet: write `$ initdb -D {named}` above."
        log = self._backstage / f"broker-{name}.log"
        job = Job(
            kind="binary",
            argv=tuple(_brokers.on_port(argv, self._broker_ports[shown])),
            directory=room,
            output=log,
            user=_cluster.user() if kind.drops_root else None,
        )
        ports = {shown: self._broker_ports[shown]}
        broker = Broker(self._sandbox.start(job), Chatter(), log, ports=ports)
        self._brokers[program] = broker
        return broker.wait_until_it_says(kind.ready, self._limits.block)

    def broker(self, program: str) -> Broker | None:
        """The one that was started by this name."""
        return self._brokers.get(program)

    def open_worker(self, kind: Kind, argv: Sequence[str], *, name: str) -> str | None:
        """Start a worker and wait until it is up; otherwise why it is not."""
        log = self._backstage / f"worker-{name}.log"
        process = self._start("program", tuple(argv), log, stays=True)
        worker = Worker(process, kind.chatter, log, ports=self._ports())
        worker.command = " ".join(argv)
        self.workers.append(worker)
        ready, times = kind.ready(argv), kind.times(argv)
        problem = worker.wait_until_it_says(ready, self._limits.block, times=times)
        if kind.then and not problem:
            worker.wait_until_it_says(kind.then, AT_ONCE)
        return problem

    def send(self, number: signal.Signals, word: str, full: bool) -> bool:
        """Send a signal to all that the section has started by such a command; whether any was."""
        named: list[tuple[str, Service]] = [(w.command, w) for w in self.workers]
        named += list(self._brokers.items())
        if not full:
            named = [(command.split()[0], service) for command, service in named]
        found = [service for command, service in named if re.search(word, command)]
        found = [service for service in found if not service.has_ended()]
        for service in found:
            service.was_killed = True
            service.process.signal_all(number)
        for service in found:
            service.process.wait(self._limits.log)  # as its reader does, who sees it end
        return bool(found)

    def close_workers(self) -> list[str]:
        """Stop them side by side; what is wrong with their ends."""
        workers, self.workers = self.workers, []
        return _stopped(workers, self._limits.block)

    def close_brokers(self) -> list[str]:
        """Stop them side by side; what is wrong with their ends."""
        brokers, self._brokers = list(self._brokers.values()), {}
        return _stopped(brokers, self._limits.block)

    def kill(self) -> None:
        """End all that is up, at once, and remove what is not the page's."""
        services: list[Service] = [*self.workers, *self._brokers.values()]
        services += [self.server] if self.server is not None else []
        for service in services:
            service.process.kill()
        self.server, self.workers, self._brokers = None, [], {}
        for room in self._rooms.values():
            shutil.rmtree(room, ignore_errors=True)

    def _ports(self) -> dict[int, int]:
        """From those that the page shows to those that were free."""
        server = {self.server.shown: self.server.port} if self.server is not None else {}
        return {**self._broker_ports, **server}

    def _environment(self) -> Mapping[str, str]:
        """What tells the clients of PostgreSQL that are no Python where it is."""
        port = self._broker_ports.get(_brokers.KINDS["postgres"].port)
        if port is None:
            return {}
        return {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": _cluster.SUPERUSER}

    def _start(
        self,
        kind: str,
        argv: tuple[str, ...],
        log: Path,
        *,
        block: Block | None = None,
        ending: Path | None = None,
        stays: bool = False,
    ) -> Process:
        if self.server is not None:
            self.server.was_called = True
        if self._tape is not None:
            self._tape.printing(notes_of(log))
        job = Job(
            kind=kind,
            argv=tuple(map(self.as_run, argv)),
            directory=self._directory,
            output=log,
            notes=notes_of(log) if stays or self._tape is not None else None,
            imports=self._imports,
            result=ending,
            source=self.as_run(block.text) if block else "",
            page=str(block.path) if block else "",
            line=block.at(0) if block else 0,
            ports=self._ports(),
            env=self._environment(),
        )
        return self._sandbox.start(job)

    def _read(self, log: Path) -> str:
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        return tidy(self.as_shown(text))

    def as_shown(self, text: str) -> str:
        """With the ports that the page shows."""
        return as_shown(text, self._ports())

    def as_run(self, text: str) -> str:
        """With the ports that its brokers really have."""
        return as_run(text, self._broker_ports)


def _stopped(services: Sequence[Service], limit: float) -> list[str]:
    asked = [service.ask_to_stop() for service in services]
    ends = [service.stop(limit, asked=True) for service in services]
    return [problem for problem in map(_first, asked, ends) if problem]


def _first(one: str | None, other: str | None) -> str | None:
    return one or other
