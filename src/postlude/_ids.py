"""Ids that nobody can guess, at a tenth of the price."""

from __future__ import annotations

import os
import threading
from collections import deque

_BYTES = 8
_AT_ONCE = 512
_ready: deque[str] = deque()
# Held where an id is given to what may be asked for it by two threads at once.
naming = threading.Lock()


def new_id() -> str:
    """Sixteen random hexadecimal digits; from any thread."""
    # Asking the system for randomness costs more than all else about a task's start.
    while True:
        try:
            return _ready.popleft()
        except IndexError:
            digits = os.urandom(_BYTES * _AT_ONCE).hex()
            step = 2 * _BYTES
            _ready.extend(digits[at : at + step] for at in range(0, len(digits), step))


def _forget() -> None:
    global naming
    naming = threading.Lock()
    _ready.clear()  # or both processes would give the same ids


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
