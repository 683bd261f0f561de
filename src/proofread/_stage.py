"""Where a section is told: its directory, what runs there, and the server that is up."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from proofread._expect import tidy
from proofread._model import Block
from proofread._sandbox import Job, Process, Sandbox
from proofread._server import KINDS, Server, with_port
from proofread._settings import Limits
from proofread._tape import Tape

if TYPE_CHECKING:
    from proofread._python import Ended

FORKED = "`os.fork()` made a copy of the block that ran on to its end. End it: `os._exit(0)`."


class Ran(NamedTuple):
    """What came of a block of Python: how it ended, or why that is not known."""

    printed: str
    ended: Ended | None
    problem: str = ""


class Stage:
    """One section's; nothing of it is left for the next."""

    def __init__(
        self, sandbox: Sandbox, root: Path, limits: Limits, *, tape: Tape | None = None
    ) -> None:
        self.server: Server | None = None
        self._tape = tape
        self._sandbox = sandbox
        self._limits = limits
        self._directory = root / "page"
        self._backstage = root / "backstage"
        self._directory.mkdir(parents=True)
        self._backstage.mkdir()

    def save(self, block: Block) -> None:
        """Write a block to the file that its title names, if it has one."""
        if block.title:
            target = self._directory / block.title
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")

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
        process = self._start("program", tuple(own), log)
        self.server = Server(process, KINDS[own[0]], log, shown=shown, port=port)
        problem = self.server.wait_until_up(self._limits.block)
        if problem:
            self.kill()
        return problem

    def close_server(self) -> str | None:
        """Stop the server as Ctrl-C does; otherwise what is wrong with its end."""
        server, self.server = self.server, None
        return server.stop(self._limits.block) if server is not None else None

    def kill(self) -> None:
        """End the server at once."""
        if self.server is not None:
            self.server.process.kill()
            self.server = None

    def _start(
        self,
        kind: str,
        argv: tuple[str, ...],
        log: Path,
        *,
        block: Block | None = None,
        ending: Path | None = None,
    ) -> Process:
        ports: dict[int, int] = {}
        if self.server is not None:
            self.server.was_called = True
            ports = {self.server.shown: self.server.port}
        job = Job(
            kind=kind,
            argv=argv,
            directory=self._directory,
            output=log,
            notes=self._tape.printing(log) if self._tape is not None else None,
            result=ending,
            source=block.text if block else "",
            page=str(block.path) if block else "",
            line=block.at(0) if block else 0,
            ports=ports,
        )
        return self._sandbox.start(job)

    def _read(self, log: Path) -> str:
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        return tidy(self.as_shown(text))

    def as_shown(self, text: str) -> str:
        """With the port that the page shows."""
        if self.server is not None:
            text = re.sub(rf"\b{self.server.port}\b", str(self.server.shown), text)
        return text
