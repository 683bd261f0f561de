"""What a job has started and left running: found, named and ended.

The warm parent adopts every process that outlives its own parent, so nothing leaves its family by
a session of its own or by forking twice. Each job bears a mark that all it starts inherit.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

if sys.platform == "linux":
    import resource
else:
    resource = None

PROC = Path("/proc")
DIES_WITH_PARENT, ADOPTS = 1, 36
# The limit on file locks, which Linux has not heeded since 2.4: each process inherits it, it
# survives `exec`, and it can only be lowered.
MARK = 10


@dataclass(frozen=True, slots=True)
class Leftover:
    """A process that outlived the job that started it."""

    pid: int
    command: str
    grouped: bool
    """Whether it stayed in the job's own group, which Ctrl-C in a terminal reaches."""


def adopt() -> None:
    """Become the parent of whatever is orphaned beneath this process."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(ADOPTS, 1, 0, 0, 0)


def die_with_parent() -> None:
    """End when the parent does, however that ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def mark(serial: int) -> None:
    """Bear the number of a job, and end when the warm parent does."""
    die_with_parent()
    if sys.platform == "linux":
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(MARK, (serial, serial))


def mark_of(pid: int) -> int:
    """The number of the job that a process comes from; -1 when it bears none."""
    if resource is not None:
        with contextlib.suppress(OSError):
            return resource.prlimit(pid, MARK)[1]
    return -1


def children() -> list[int]:
    """The processes whose parent this one is, without those that have ended."""
    me = os.getpid()
    with contextlib.suppress(OSError):
        return [
            pid
            for word in (PROC / f"self/task/{me}/children").read_bytes().split()
            if (pid := int(word)) and _stat(pid)[:1] != ["Z"]
        ]
    numbers = [int(entry.name) for entry in PROC.glob("[0-9]*")]
    return [pid for pid in numbers if (s := _stat(pid)) and int(s[1]) == me and s[0] != "Z"]


def _stat(pid: int) -> list[str]:
    """State, parent, group and so on; empty when the process is gone."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text[text.rindex(")") + 2 :].split()


def of_session(leader: int) -> list[int]:
    """The processes of the session that a job leads, those in groups of their own included."""
    numbers = [int(entry.name) for entry in PROC.glob("[0-9]*")]
    stats = {pid: _stat(pid) for pid in numbers}
    found = [pid for pid, s in stats.items() if s and int(s[3]) == leader and s[0] != "Z"]
    return found or [leader]  # where no system tells


def of_job(pid: int, serial: int, *, others: set[int], known: set[int]) -> list[Leftover]:
    """What the job `pid` left: orphans with its mark, or with that of no job still under way."""
    found: list[Leftover] = []
    for child in children():
        if child not in known and ((owner := mark_of(child)) == serial or owner not in others):
            stat = _stat(child)
            grouped = len(stat) > 2 and int(stat[2]) == pid
            found.append(Leftover(child, _command(child), grouped))
    return found


def _command(pid: int) -> str:
    """What a process was called with."""

    def line(of: int | str) -> str:
        with contextlib.suppress(OSError):
            raw = (PROC / str(of) / "cmdline").read_bytes()
            words = raw.decode(errors="replace").strip("\0").split("\0")
            return " ".join([os.path.basename(words[0]), *words[1:]])
        return ""

    said = line(pid)
    return "a fork of the program itself" if said == line("self") else said or f"process {pid}"


def end(pids: list[int]) -> None:
    """Kill them, at once."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def end_all() -> None:
    """Kill every child, and what each of them leaves, until there is none."""
    with contextlib.suppress(ChildProcessError):
        while True:
            end(children())
            os.waitpid(-1, 0)


def end_marked() -> None:
    """Kill the children that bear a mark: adopted from a warm parent that could not do it."""
    while marked := [pid for pid in children() if mark_of(pid) >= 0]:
        end(marked)
        for pid in marked:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
