"""Servers under load: each contender in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from postlude.testing._served import free_port

if TYPE_CHECKING:
    from collections.abc import Generator

PAGE = os.sysconf("SC_PAGE_SIZE")
UVICORN = (
    "uvicorn tests.benchmarks.served:{name} --port {port} --loop uvloop"
    " --no-access-log --log-level error"
)
COMMANDS = {
    "velithon": "granian tests.benchmarks.velithon_app:app --interface rsgi --port {port}"
    " --loop uvloop --no-access-log --log-level error",
}
"""For those that uvicorn does not serve."""


@dataclass(frozen=True)
class Server:
    """One that runs."""

    port: int
    process: subprocess.Popen[bytes]

    def memory(self) -> int:
        """Its resident memory in bytes, that of its workers included."""
        return sum(map(_memory, (self.process.pid, *_children(self.process.pid))))


@contextlib.contextmanager
def serving(*names: str) -> Generator[dict[str, Server]]:
    """One server per name of `tests.benchmarks.served`, until the block ends."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    servers = {name: _started(name) for name in names}
    try:
        for server in servers.values():
            _await(server)
        yield servers
    finally:
        for server in servers.values():
            os.killpg(server.process.pid, signal.SIGKILL)  # granian's workers as well
            server.process.wait()


async def get(port: int, path: str) -> None:
    """One request on a connection of its own."""
    connection = await Connection.opened(port)
    await connection.get(path)
    connection.close()


@dataclass(frozen=True)
class Connection:
    """A connection that is kept."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def opened(cls, port: int) -> Connection:
        """A new one."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def get(self, path: str) -> float:
        """Ask once; the seconds until the answer was there."""
        began = time.perf_counter()
        self.writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
        await self.reader.readexactly(int(length))
        return time.perf_counter() - began

    def close(self) -> None:
        """End it."""
        self.writer.close()


async def load(
    port: int, path: str, *, connections: int, seconds: float, pause: float = 0.0
) -> list[float]:
    """Ask again and again on so many connections, with a pause; the seconds of each answer."""
    taken: list[float] = []
    open_ones = [await Connection.opened(port) for _ in range(connections)]
    end = time.perf_counter() + seconds

    async def ask(connection: Connection) -> None:
        while time.perf_counter() < end:
            taken.append(await connection.get(path))
            if pause:
                await asyncio.sleep(pause)

    await asyncio.gather(*map(ask, open_ones))
    for connection in open_ones:
        connection.close()
    return taken


def _memory(pid: int) -> int:
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * PAGE


def _children(pid: int) -> list[int]:
    stats = {int(path.parent.name): path.read_text() for path in Path("/proc").glob("[0-9]*/stat")}
    return [
        child for child, stat in stats.items() if int(stat.rpartition(")")[2].split()[1]) == pid
    ]


def _started(name: str) -> Server:
    port = free_port()
    command = COMMANDS.get(name, UVICORN).format(name=name, port=port).split()
    process = subprocess.Popen([sys.executable, "-m", *command], start_new_session=True)
    return Server(port, process)


def _await(server: Server) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port)):
            return
        time.sleep(0.05)
    raise TimeoutError("the server did not come up within 60 s")
