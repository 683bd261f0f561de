"""What Python printed, and when: the process that prints notes it, in a file beside its output.

Of what stands in the output without a note, nothing is known but its place: another program wrote
it, or a library that goes past Python's own streams.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from _typeshed import ReadableBuffer


class StampedOutput(io.FileIO):
    """An output that notes each write before it happens: when, and where the file ends.

    Before: whatever a program does after it has printed bears a later time, in any process; and
    what Python has printed can be told from the rest in each moment.
    """

    threads = threading.RLock()

    def __init__(self, number: int, notes: int) -> None:
        super().__init__(number, "w", closefd=False)
        self._notes = notes

    def write(self, data: ReadableBuffer, /) -> int:
        with self.threads, _alone(self._notes):
            now, end, own = time.monotonic_ns(), os.fstat(self.fileno()).st_size, bytes(data)
            os.write(self._notes, b"%d %d %d\n%b" % (now, end, len(own), own))
            return super().write(data)


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


@dataclass(frozen=True, slots=True)
class Note:
    """One write."""

    data: bytes
    behind: int
    """Where the output ended: there it begins, or a little later if another program was faster."""
    at: float


def read_notes(notes: Path) -> Iterator[Note]:
    """Those that are there so far, in the order in which they were printed."""
    text = notes.read_bytes() if notes.exists() else b""
    here = 0
    while (head := text.find(b"\n", here)) >= 0:
        now, behind, size = map(int, text[here:head].split())
        here = head + 1 + size
        if here > len(text):
            return
        yield Note(text[head + 1 : here], behind, now / 1e9)


def read_lines(notes: Path) -> Iterator[Line]:
    """The whole lines that Python printed, and when their ends were."""
    begun = b""
    for note in read_notes(notes):
        *lines, begun = (begun + note.data).split(b"\n")
        for line in lines:
            yield Line(line.decode(errors="replace"), note.at)


def unmixed(printed: bytes, notes: Sequence[Note]) -> tuple[bytes, bytes]:
    """An output in which no line of another program is cut in two: what is settled, and the rest.

    A library may write a line and its end by themselves, and Python may print in between. What it
    printed then stands before that line. The rest is a line that has no end yet, and what follows.
    """
    settled, cut, between = bytearray(), bytearray(), bytearray()
    for data, own in _pieces(printed, notes):
        if own:
            (between if cut else settled).extend(data)
            continue
        if between and not (data.startswith(b"\n") and between.endswith(b"\n")):
            settled += cut + between  # a line of Python's own, behind what it found there
            cut.clear()
            between.clear()
        whole = data.rfind(b"\n") + 1
        if whole:
            settled += between + cut + data[:whole]
            cut.clear()
            between.clear()
        cut += data[whole:]
    return bytes(settled), bytes(cut + between)


def _pieces(printed: bytes, notes: Sequence[Note]) -> Iterator[tuple[bytes, bool]]:
    """What was written at once, and whether Python did."""
    here = 0
    for note in notes:
        start = printed.find(note.data, max(here, note.behind))
        if start < 0:  # not there yet, or there was no room for it
            continue
        if here < start:
            yield printed[here:start], False
        yield note.data, True
        here = start + len(note.data)
    if here < len(printed):
        yield printed[here:], False
