"""The fence that the kernel draws around a page: where it, and all that it starts, may write.

Landlock judges each write by the file that it reaches, whoever makes it: a subprocess, a C library,
a name relative to an open directory. Where the process may mount (as root, in most containers),
everything else is mounted read-only besides, and `/dev/shm` is the job's own.
"""

from __future__ import annotations

import ctypes
import functools
import os
import struct
from collections.abc import Mapping
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
# System calls as new as these have the same number on every architecture.
MOUNT_SETATTR, CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 442, 444, 445, 446
NO_NEW_PRIVILEGES = 38

WRITE_FILE, REFER, TRUNCATE = 1 << 1, 1 << 13, 1 << 14
DEVICES = 1 << 6 | 1 << 11
# Remove a directory or a file; make a directory, a file, a socket, a pipe, a symbolic link.
NAMES = 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 12
SINCE = {2: REFER, 3: TRUNCATE}
# A kernel of version 1 lets nothing be moved between two folders, not even the page's own.
OLDEST = 2

NEW_NAMESPACE = 0x20000
READ_ONLY, BIND, RECURSIVE, SLAVE = 1, 1 << 12, 1 << 14, 1 << 19
HERE, AT_RECURSIVE = -100, 0x8000

SIGNS = (
    "Permission denied", "Read-only file system", "cross-device link",
    "unable to open database", "readonly database",
)  # fmt: skip
ADVICE = (
    "If that was a write: a page, and all that it starts, may write only beneath its own directory."
)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _called(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _system(number: int, *arguments: int | bytes | None) -> int:
    whole = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _called(int(_libc().syscall(ctypes.c_long(number), *whole)))


@functools.cache
def version() -> int:
    """The version of Landlock that this kernel speaks; 0 where there is none that can be used."""
    if not Path("/proc/self").exists():
        return 0
    try:
        found = _system(CREATE_RULESET, None, 0, 1)
    except OSError:
        return 0
    return found if found >= OLDEST else 0


def described(*, private: bool) -> str:
    """What holds a page's writes back here, for a reader of the proof."""
    if not version():
        return "refused to Python, not to other programs (no Landlock here)"
    rest = "all else mounted read-only" if private else "but for /dev/shm, and modes and times"
    return f"refused by the kernel to all that it starts (Landlock {version()}), {rest}"


def advice(said: str) -> str:
    """What to tell the writer of a page whose program says that it may not write."""
    known = not version() or "outside the page's directory" in said
    return "" if known or not any(sign in said for sign in SIGNS) else ADVICE


def privatize() -> bool:
    """Let this process, and all that it forks, see a `/dev/shm` that nobody else does."""
    beneath = Path(os.environ.get("TMPDIR", "/")).is_relative_to(SHARED_MEMORY)
    if beneath or not version() or not SHARED_MEMORY.is_dir():
        return False
    try:
        _called(_libc().unshare(NEW_NAMESPACE))
        _mount(b"none", b"/", SLAVE | RECURSIVE)
        _called(_libc().mount(b"tmpfs", bytes(SHARED_MEMORY), b"tmpfs", 0, b"mode=1777"))
    except OSError:
        return False
    return True


def _mount(source: bytes, target: bytes, flags: int) -> None:
    _called(_libc().mount(source, target, None, flags, None))


def _set(target: Path, *, read_only: bool, depth: int = 0) -> None:
    on, off = (READ_ONLY, 0) if read_only else (0, READ_ONLY)
    change = struct.pack("QQQQ", on, off, 0, 0)
    _system(MOUNT_SETATTR, HERE, bytes(target), depth, change, len(change))


def retreat(directory: Path, memory: Path) -> None:
    """Mount `memory` as `/dev/shm`, and everything but it and `directory` read-only."""
    _called(_libc().unshare(NEW_NAMESPACE))
    _mount(bytes(memory), bytes(SHARED_MEMORY), BIND)
    _mount(bytes(directory), bytes(directory), BIND)
    _set(Path("/"), read_only=True, depth=AT_RECURSIVE)
    _set(directory, read_only=False)
    _set(SHARED_MEMORY, read_only=False)


def close(directory: Path, output: Path) -> None:
    """From now on write only beneath `directory`, to the job's own `output`, and to nowhere.

    `/dev/shm` stays open, because `multiprocessing` keeps its semaphores there: see `retreat`.
    """
    if not version():
        return
    known = WRITE_FILE | DEVICES | NAMES
    for since, right in SINCE.items():
        known |= right if version() >= since else 0
    attributes = struct.pack("Q", known)
    rules = _system(CREATE_RULESET, attributes, len(attributes), 0)
    file = (WRITE_FILE | TRUNCATE) & known
    allowed: Mapping[Path, int] = {
        directory: known & ~DEVICES,
        SHARED_MEMORY: known & ~DEVICES,
        output: file,
        Path(os.devnull): file,
    }
    for path, rights in allowed.items():
        if path.exists():
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
            _system(ADD_RULE, rules, 1, struct.pack("=Qi", rights, opened), 0)
            os.close(opened)
    _called(_libc().prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _system(RESTRICT_SELF, rules, 0)
    os.close(rules)
