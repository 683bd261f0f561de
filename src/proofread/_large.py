"""Large pages for the memory of the warm parent: a fork copies one entry for each, and not 512.

Only Linux has them, and may refuse; then a fork takes a little longer, and that is all.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

SIZE = 2 << 20
COLLAPSE = 25
"""`MADV_COLLAPSE`, since Linux 6.1."""
MAPS = Path("/proc/self/maps")


def gather() -> int:
    """Move what is in memory into large pages; returns how many bytes were moved."""
    if not MAPS.exists():
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    advise = libc.madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    moved = 0
    for line in MAPS.read_text(encoding="utf-8").splitlines():
        place, rights, _, device, *_ = line.split()
        if not rights.startswith("rw") or device != "00:00":
            continue  # a library, or a file
        start, end = (int(address, 16) for address in place.split("-"))
        for page in range(-(-start // SIZE) * SIZE, end // SIZE * SIZE, SIZE):
            moved += SIZE * (advise(page, SIZE, COLLAPSE) == 0)
    return moved
