"""A server behind an engine: on a free port, stopped or killed and started again at will."""

from __future__ import annotations

import itertools
import signal
import socket
import subprocess
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from postlude.testing._served import free_port
from tests.engines.programs import PATIENCE, Program

if TYPE_CHECKING:
    from tests.engines.warden import Warden


class Server(ABC):
    """One server; stopped or killed and started again, it has its port and its data still."""

    name: ClassVar[str]
    end: ClassVar[signal.Signals] = signal.SIGKILL
    """What ends all of it when the tests themselves are killed."""
    user: ClassVar[int | None] = None

    def __init__(self, program: str, warden: Warden) -> None:
        """Prepare it; `start` starts it."""
        self.program_file = program
        self.port = free_port()
        self.folder = warden.folder(self.name)
        self.running: Program | None = None
        self._warden = warden
        self._scopes = itertools.count(1)
        self.prepare()

    @abstractmethod
    def prepare(self) -> None:
        """What is done once, before the first start."""

    @abstractmethod
    def command(self) -> list[str]:
        """How it is started."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it takes work."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients find it."""

    @abstractmethod
    def scope(self) -> str:
        """The URL of a part of it that nobody has used yet, for one test."""

    def environment(self) -> dict[str, str]:
        """What it needs to find around it."""
        return {}

    def start(self) -> None:
        """Start it unless it runs, and wait until it answers."""
        if self.running is not None and self.running.process.poll() is None:
            return
        self.running = Program(
            self.command(),
            self.folder,
            warden=self._warden,
            name=self.name,
            env=self.environment(),
            user=self.user,
            end=self.end,
        )
        self.running.until(self.answers)

    def stop(self) -> None:
        """Stop it as its operator does; all it has taken is on disk then."""
        if self.running is not None:
            self.running.stop()
            self.running = None

    def kill(self) -> None:
        """`kill -9`: it cannot write another byte."""
        if self.running is not None:
            self.running.kill()
            self.running = None

    def drop(self) -> None:
        """End all of it at once, as nobody wants its data any more."""
        if self.running is not None:
            self.running.stop(self.end)
            self.running = None

    def restart(self) -> None:
        """Stop it and start it again."""
        self.stop()
        self.start()

    def version(self) -> str:
        """What it says of itself, for the summary of the tests."""
        said = subprocess.run([self.program_file, "--version"], capture_output=True, text=True)
        return f"{said.stdout.strip()} ({self.program_file})"


def asked(port: int, question: bytes) -> bytes:
    """The first bytes of an answer; nothing while there is none."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), PATIENCE) as asking:
        asking.sendall(question)
        return asking.recv(1024)
    return b""
