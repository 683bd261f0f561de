"""The guard within Python: it refuses a write outside the page's directory, and says where.

It works on every system and sees what the interpreter does itself. What it cannot see (another
program, a C library) is for the fence, where the kernel has one.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

# Which of an event's arguments are paths that it changes, and which the directories they start at.
# What changes the file that a path leads to:
FILES: dict[str, list[tuple[int, int | None]]] = {
    "os.chmod": [(0, 2)], "os.chown": [(0, 3)], "os.utime": [(0, 3)], "os.truncate": [(0, None)],
    "os.setxattr": [(0, None)], "os.removexattr": [(0, None)], "sqlite3.connect": [(0, None)],
}  # fmt: skip
# What changes a name in a directory, wherever the name may lead:
NAMES: dict[str, list[tuple[int, int | None]]] = {
    "os.mkdir": [(0, 2)], "os.remove": [(0, 1)], "os.rmdir": [(0, 1)],
    "os.rename": [(0, 2), (1, 3)], "os.link": [(0, 2), (1, 3)], "os.symlink": [(1, 2)],
    "shutil.rmtree": [(0, 1)], "socket.bind": [(1, None)],
}  # fmt: skip
WRITES = FILES | NAMES
MEMORY = ":memory:"
SHARED = "/dev/shm/pym-"
"""How `multiprocessing` names the memory that its processes share, before it unlinks the name."""


def guard(directory: Path, output: Path) -> None:
    """Refuse every write of this interpreter outside `directory`, but to its own `output`."""
    inside = os.path.realpath(directory)
    beside = {inside, os.devnull, os.path.realpath(output)}

    def check(path: str, event: str) -> None:
        if path not in beside and not path.startswith((inside + os.sep, SHARED)):
            raise PermissionError(
                f"{event}: {path} is outside the page's directory. Write beneath it instead."
            )

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            writes = (
                flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
                if isinstance(flags, int)
                else False
            )
            if (writes or (isinstance(mode, str) and set(mode) & set("wax+"))) and (
                isinstance(path, str | bytes | os.PathLike)
            ):
                check(os.path.realpath(os.fsdecode(path)), "open")
            return
        for number, start in WRITES.get(event, ()):
            base = arguments[start] if start is not None and start < len(arguments) else None
            found = _reached(event, arguments[number], base)
            if found is not None:
                check(found, event)

    sys.addaudithook(hook)


def _reached(event: str, target: object, base: object) -> str | None:
    """The path that an event changes; `None` when it is no place in the file system."""
    if isinstance(target, int):
        # Only what was opened to be written can be cut short; a mode changes without that.
        return None if event == "os.truncate" else _opened(target)
    if not isinstance(target, str | bytes | os.PathLike):
        return None
    path = os.fsdecode(target)  # pyright: ignore[reportUnknownArgumentType]
    if event == "sqlite3.connect":
        database = _database(path)
        if database is None:
            return None
        path = database
    if not path or path.startswith("\0"):
        return None  # a database or a socket without a name in the file system
    if isinstance(base, int) and base >= 0:
        path = os.path.join(_opened(base) or "", path)
    if event in NAMES:
        folder, name = os.path.split(path.rstrip(os.sep))
        if name not in {"", os.curdir, os.pardir}:
            return os.path.join(os.path.realpath(folder), name)
    return os.path.realpath(path)


def _opened(number: int) -> str | None:
    """Where an open file or directory is, as far as the system tells."""
    try:
        path = os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        return None
    return path if path.startswith(os.sep) else None


def _database(name: str) -> str | None:
    """The file that SQLite would write to."""
    if name == MEMORY:
        return None
    if not name.startswith("file:"):
        return name
    parts = urlsplit(name)
    asked = parse_qs(parts.query)
    only_read = asked.get("mode") in (["ro"], ["memory"]) or asked.get("immutable") == ["1"]
    path = unquote(parts.path)
    return None if only_read or path == MEMORY else path
