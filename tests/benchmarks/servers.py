"""Servers under load: each contender behind uvicorn in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Server:
    """One that runs."""

    port: int
    process: subprocess.Popen[bytes]

    def memory(self) -> int:
        """Its resident memory in bytes."""
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * PAGE


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
            server.process.kill()
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


async def load(port: int, path: str, *, connections: int, seconds: float) -> list[float]:
    """Ask again and again on so many connections; the seconds of each answer."""
    taken: list[float] = []
    open_ones = [await Connection.opened(port) for _ in range(connections)]
    end = time.perf_counter() + seconds

    async def ask(connection: Connection) -> None:
        while time.perf_counter() < end:
            taken.append(await connection.get(path))

    await asyncio.gather(*map(ask, open_ones))
    for connection in open_ones:
        connection.close()
    return taken


def _started(name: str) -> Server:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--loop", "uvloop", "--no-access-log", "--log-level", "error"]
    command = [sys.executable, "-m", "uvicorn", f"tests.benchmarks.served:{name}", *options]
    return Server(port, subprocess.Popen(command))


def _await(server: Server) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port)):
            return
        time.sleep(0.05)
    raise TimeoutError("the server did not come up within 60 s")
