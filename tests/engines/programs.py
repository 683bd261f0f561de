"""A real program under test: what it prints, and how it is ended."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.engines.warden import kill_session, members

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.engines.warden import Warden

PATIENCE = 60.0
PROGRAMS = Path(sys.executable).parent
"""Where the installed packages have their commands."""
IS_MEASURED = "COVERAGE_PROCESS_CONFIG" in os.environ
"""Whether coverage looks at all that is started."""
_LEAVE = 15.0
"""Seconds that a worker has to end by itself, where it is measured."""


class Program:
    """Under way, in a session of its own; all that it prints goes to one file."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        *,
        warden: Warden,
        name: str,
        env: Mapping[str, str] | None = None,
        user: int | None = None,
        end: signal.Signals = signal.SIGKILL,
    ) -> None:
        """Start it; `end` is what ends it for certain when the tests are killed."""
        self.folder = folder
        self.output = folder / f"{name}.log"
        self.output.touch()
        self._began = self.output.stat().st_size
        self._warden = warden
        with self.output.open("ab") as printing:
            self.process = subprocess.Popen(
                list(command),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=printing,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1", **(env or {})},
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        warden.watch(self.process.pid, end)

    @property
    def pid(self) -> int:
        """Of the process that was started: a worker may have children."""
        return self.process.pid

    @property
    def pids(self) -> list[int]:
        """All its processes that are alive."""
        return members(self.pid)

    @property
    def printed(self) -> str:
        """All that it has printed since it was started."""
        with self.output.open("rb") as printed:
            printed.seek(self._began)
            return printed.read().decode(errors="replace")

    def until(self, condition: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Wait until it holds; a program that has ended cannot make it hold any more."""
        deadline = time.monotonic() + patience
        while not condition():
            alive = self.process.poll() is None
            assert alive or condition(), f"It has ended. It printed:\n{self.printed}"
            assert time.monotonic() < deadline, f"It takes too long. It printed:\n{self.printed}"
            time.sleep(0.01)

    def until_it_says(self, pattern: str, *, times: int = 1) -> list[str]:
        """Wait until it has printed this so often; returns what matched."""
        self.until(lambda: len(re.findall(pattern, self.printed)) >= times)
        return [found[0] for found in re.finditer(pattern, self.printed)]

    def send(self, number: signal.Signals) -> None:
        """To the process that was started, and to it alone."""
        if self.process.poll() is None:
            os.kill(self.pid, number)

    def end(self, patience: float = PATIENCE) -> int:
        """Wait for its end; returns the status."""
        try:
            status = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"It does not end. It printed:\n{self.printed}") from None
        self.kill()
        return status

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to stop, and wait until it has."""
        self.send(number)
        return self.end()

    def dismiss(self) -> None:
        """Be done with it: at once, or by SIGTERM where coverage has to write what it ran."""
        if IS_MEASURED:
            self.send(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_LEAVE)
        self.kill()

    def kill(self) -> None:
        """`kill -9` for it and all its children, at once."""
        kill_session(self.pid)
        self.process.wait(PATIENCE)
        self._warden.forget(self.pid)
