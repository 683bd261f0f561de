"""A worker on duty: started by a command, and again when it is lost."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

_PAUSE = 0.02
# Seconds before one that has ended is started again, as a service manager waits.
_REST = 0.2
_TAIL = 30
_KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL


class Duty:
    """The process of now, and what all of them have printed."""

    def __init__(
        self, command: Sequence[str], output: Path, cwd: str | Path | None, env: Mapping[str, str]
    ) -> None:
        """Prepare; `keep` starts it."""
        self._command = command
        self._output = output
        self._cwd = cwd
        self._env = {**os.environ, **env}
        self.process: subprocess.Popen[bytes] | None = None
        self.is_wanted = True

    def printed(self) -> str:
        """All that was printed so far."""
        return self._output.read_text(errors="replace") if self._output.exists() else ""

    def tail(self) -> str:
        """The last lines of that."""
        return "\n".join(self.printed().splitlines()[-_TAIL:])

    async def keep(self) -> None:
        """Start it, and again whenever it has ended."""
        while self.is_wanted:
            self._start()
            assert self.process is not None
            while self.process.poll() is None:  # noqa: ASYNC110  (no event loop tells)
                await anyio.sleep(_PAUSE)
            await anyio.sleep(_REST)

    def kill(self, *pids: int) -> None:
        """Leave nothing of the worker of now, nor of these processes."""
        process = self.process
        if process is None:
            return
        process.kill()
        # Children may have groups of their own, and on some systems nobody tells of their session.
        for pid in {*pids, *_members(process.pid)}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, _KILL)
        process.wait()

    def _start(self) -> None:
        with self._output.open("ab") as printing:
            self.process = subprocess.Popen(
                self._command,
                cwd=self._cwd,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=printing,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that its children can be ended with it
            )


def _members(session: int) -> list[int]:
    """The processes of a session."""
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getsid(int(entry.name)) == session:
                found.append(int(entry.name))
    return found


@asynccontextmanager
async def open_duty(
    command: Sequence[str], cwd: str | Path | None, env: Mapping[str, str]
) -> AsyncGenerator[Duty]:
    """A worker on duty, which is gone when the block ends."""
    caught: Exception | None = None
    with tempfile.TemporaryDirectory() as folder:
        duty = Duty(command, Path(folder, "output"), cwd, env)
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(duty.keep)
                try:
                    yield duty
                except Exception as error:  # as it is, and not in a group of one
                    caught = error
                duty.is_wanted = False
                group.cancel_scope.cancel()
        finally:
            duty.kill()
    if caught:
        raise caught
