"""When each line was printed: the process that prints notes it, in a file beside its output."""

from __future__ import annotations

import bisect
import contextlib
import io
import os
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from _typeshed import ReadableBuffer


class StampedOutput(io.FileIO):
    """An output that notes, of each write, the time before it and where in the file it stands.

    Before it: whatever a program does after it has printed bears a later time, in any process.
    """

    threads = threading.RLock()

    def __init__(self, number: int, notes: int) -> None:
        super().__init__(number, "w", closefd=False)
        self._notes = notes

    def write(self, data: ReadableBuffer, /) -> int:
        with self.threads, _alone(self._notes):
            now = time.monotonic_ns()
            written = super().write(data)
            end = os.lseek(self.fileno(), 0, os.SEEK_CUR)
            os.write(self._notes, b"%d %d %d\n" % (end - written, end, now))
            return written


if sys.platform == "win32":

    @contextlib.contextmanager
    def _alone(notes: int) -> Generator[None]:
        del notes
        yield

else:
    import fcntl

    @contextlib.contextmanager
    def _alone(notes: int) -> Generator[None]:
        """Keep the workers of a server apart: forks write at one place of one file."""
        fcntl.lockf(notes, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(notes, fcntl.LOCK_UN)

    def _unlock() -> None:
        StampedOutput.threads = threading.RLock()

    # Another thread may hold it in the moment of the fork.
    os.register_at_fork(after_in_child=_unlock)


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line, and when it came, in the seconds of `time.monotonic`."""

    text: str
    at: float


def read_lines(output: Path, notes: Path) -> Iterator[Line]:
    """The whole lines of an output; those that no note is about are left out.

    They came from another program, or past Python's own streams.
    """
    if not (output.exists() and notes.exists()):
        return
    printed = output.read_bytes()
    rows = [tuple(map(int, row.split())) for row in notes.read_bytes().split(b"\n")[:-1]]
    ends = [end for _, end, _ in rows]
    here = 0
    for line in printed.split(b"\n")[:-1]:
        here += len(line) + 1
        found = bisect.bisect_left(ends, here)
        if found < len(rows) and rows[found][0] < here:
            yield Line(line.decode(errors="replace"), rows[found][2] / 1e9)
