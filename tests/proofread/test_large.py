"""Large pages: what is in memory stays what it is, and more of it is in large pages."""

from __future__ import annotations

import subprocess
import sys

MOVES = """
import mmap
import re
from pathlib import Path

from proofread import _large

kept = [bytes([number]) * 1_000_000 for number in range(16)]


def large() -> int:
    found = re.findall(r"AnonHugePages: +(\\d+) kB", Path("/proc/self/smaps").read_text())
    return 1024 * sum(map(int, found))


before = large()
moved = _large.gather()
assert [set(text) for text in kept] == [{number} for number in range(16)]
assert large() - before <= moved
print(moved >= 8_000_000 and large() > before)

# What the kernel says if asked for just that; one that has no large pages refuses.
try:
    own = mmap.mmap(-1, 4 * _large.SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    own.write(b"1" * 4 * _large.SIZE)
    own.madvise(_large.COLLAPSE)
except OSError:
    print(False)
else:
    print(True)
"""


def test_memory_is_moved_and_stays_as_it_is() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", MOVES], capture_output=True, text=True, check=False
    )
    moved, can_be = ended.stdout.split()
    assert (moved, ended.stderr) == (can_be, "")
