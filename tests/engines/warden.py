"""A process beside the tests that ends what they started, also when they are killed themselves."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PATIENCE = 10.0
"""Seconds that a server has to end by its own signal."""


class Warden:
    """What it is told of is gone once the pipe to it is closed, however that came."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", __file__],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C and a kill of the tests' group pass it by
        )

    def watch(self, pid: int, end: signal.Signals) -> None:
        """See to it that this session of processes ends, by this signal first."""
        self._say(f"watch {pid} {end.value}")

    def forget(self, pid: int) -> None:
        """It has ended; its number may be another's by and by."""
        self._say(f"forget {pid} 0")

    def folder(self, name: str) -> Path:
        """A temporary directory that is removed at the end, when nothing uses it any more."""
        made = Path(tempfile.mkdtemp(prefix=f"engines-{name}-"))
        self._say(f"folder {made}")
        return made

    def close(self) -> None:
        """End all that is left."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


def members(session: int) -> list[int]:
    """The processes of a session that have not ended: children in groups of their own as well."""
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            text = (entry / "stat").read_text(errors="replace")
            state, _, _, own, *_ = text[text.rindex(")") + 2 :].split()
            if int(own) == session and state != "Z":
                found.append(int(entry.name))
    return found


def kill_session(session: int) -> None:
    """`kill -9` for all of its processes, until there is none: one may just have forked."""
    while left := members(session):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)


def main() -> None:
    """Listen until the tests are gone, then end what they left."""
    watched: dict[int, int] = {}
    folders: list[str] = []
    for line in sys.stdin:
        word, what, *rest = line.split()
        match word:
            case "watch":
                watched[int(what)] = int(rest[0])
            case "forget":
                watched.pop(int(what), None)
            case _:
                folders.append(what)
    for pid, end in watched.items():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, end)
    deadline = time.monotonic() + PATIENCE
    while any(map(members, watched)) and time.monotonic() < deadline:
        time.sleep(0.01)
    for pid in watched:
        kill_session(pid)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
