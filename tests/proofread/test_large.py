"""Large pages: what is in memory stays what it is, and more of it is in large pages."""

from __future__ import annotations

import subprocess
import sys

MOVES = """
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
"""


def test_memory_is_moved_and_stays_as_it_is() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", MOVES], capture_output=True, text=True, check=False
    )
    assert (ended.stdout, ended.stderr) == ("True\n", "")
