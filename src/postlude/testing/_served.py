"""A server that a command has started."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from postlude.testing._exchange import ERRORS, open_exchange

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

_START = 60.0
_PAUSE = 0.01
_TAIL = 12


_ports = itertools.count()


def free_port() -> int:
    """One that is free now, and below those that the system hands out: it will not be taken."""
    while True:
        # Each process its own, those included that were forked from one that had come here before.
        port = 20_000 + (os.getpid() * 101 + next(_ports)) % 12_000
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Served:
    """The process, where it answers, and what it prints."""

    def __init__(self, command: Sequence[str], output: Path, cwd: str | Path | None) -> None:
        """Start it on a free port, which stands for `{port}`."""
        port = str(free_port())
        self.url = f"http://127.0.0.1:{port}"
        self._output = output
        with output.open("wb") as printing:
            self.process = subprocess.Popen(
                [part.replace("{port}", port) for part in command],
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=printing,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that its workers can be ended with it
            )

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self.process.poll() is not None

    def printed(self) -> str:
        """The last lines that it has printed."""
        lines = self._output.read_text(errors="replace").splitlines()
        return "\n".join(lines[-_TAIL:])

    async def start(self) -> None:
        """Wait until it answers.

        Raises:
            RuntimeError: It ended instead, or never answers.
        """
        with anyio.move_on_after(_START):
            while not self.has_ended:
                if await self._answers():
                    return
                await anyio.sleep(_PAUSE)
        how = (
            f"ended with status {self.process.returncode} before it answered"
            if self.has_ended
            else f"did not answer within {_START:g} s"
        )
        raise RuntimeError(f"the server {how}:\n{self.printed()}")

    def ask_to_stop(self) -> None:
        """As a service manager does: SIGTERM to the process that the command started."""
        self.process.terminate()

    async def until_it_refuses(self, seconds: float) -> None:
        """Wait until it takes no more requests, but not for ever."""
        with anyio.move_on_after(seconds):
            while not self.has_ended and await self._answers():  # noqa: ASYNC110
                await anyio.sleep(_PAUSE)

    async def until_it_has_ended(self, seconds: float) -> bool:
        """Wait for the process; `False`: it is still there."""
        with anyio.move_on_after(seconds):
            while not self.has_ended:  # noqa: ASYNC110  (no event loop tells)
                await anyio.sleep(_PAUSE)
        return self.has_ended

    async def stop(self, seconds: float) -> str:
        """Let it end, if it has not, and return the last lines that it has printed."""
        self.ask_to_stop()
        await self.until_it_has_ended(seconds)
        return self.printed()

    async def _answers(self) -> bool:
        try:
            async with open_exchange(self.url, "/", patience=0.5) as exchange:
                return bool(await exchange.status())
        except ERRORS:
            return False

    def kill(self) -> None:
        """Leave nothing behind, also no worker."""
        if sys.platform == "win32":  # pragma: no cover  (there are no process groups to end)
            self.process.kill()
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@asynccontextmanager
async def open_served(command: Sequence[str], cwd: str | Path | None) -> AsyncGenerator[Served]:
    """A server that answers, and is gone when the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        served = Served(command, Path(folder, "output"), cwd)
        try:
            await served.start()
            yield served
        finally:
            served.kill()
