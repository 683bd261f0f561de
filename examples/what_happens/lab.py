"""Where a scenario runs: the server of its column, and a record of all that is seen."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import time
from importlib.metadata import version
from typing import TYPE_CHECKING

from examples.what_happens.server import Server, command

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Sequence

    from examples.what_happens.columns import Column


class Lab:
    """One column, for one run of one row.

    Attributes:
        column: Its name, as the matrix shows it.
        versions: Those of the packages that decide, the servers included once they ran.
    """

    def __init__(self, column: Column, app: str, packages: Iterable[str]) -> None:
        """Made anew for each run."""
        self.column = column.name
        self.versions = {name: version(name) for name in packages}
        self._app = app
        self._interface = column.interface
        self._notes: list[tuple[float, str]] = []
        self._servers: list[Server] = []

    @contextlib.asynccontextmanager
    async def serving(
        self, under: str = "uvicorn", /, **options: Sequence[str]
    ) -> AsyncGenerator[Server]:
        """Start the column's app, Velithon's always on Granian, until the block ends.

        Args:
            under: The server for an ASGI app.
            options: By the name of a server, what is put behind its command.
        """
        name = under if self._interface == "asgi" else "granian"
        interface = ["--interface", self._interface] if name == "granian" else []
        given = [*interface, *options.get(name, ())]
        port = _free_port()
        server = Server(command(name, self._app, port, options=given), port, self.note)
        self.versions[name] = version(name)
        self._servers.append(server)
        try:
            await server.start()
            yield server
        finally:
            await server.kill()

    def note(self, what: str, *, at: float | None = None) -> None:
        """Put a line of the client's into the raw result."""
        self._notes.append((time.monotonic() if at is None else at, what))

    def seen(self) -> list[str]:
        """The raw result: what the client did and got, and what the app told.

        Times are rounded to half a second. Of one such moment the client's lines come
        first: which of two processes was first within it cannot be told.
        """
        told = [line for server in self._servers for line in server.told_lines]
        start = min(at for at, _ in [*self._notes, *told])
        lines = [
            (_rounded(at - start), 0, at, f"client  {it}") for at, it in self._notes
        ]
        lines += [(_rounded(at - start), 1, at, f"app     {it}") for at, it in told]
        return [f"{moment:.1f} s  {text}" for moment, _, _, text in sorted(lines)]


def _rounded(seconds: float) -> float:
    return round(seconds * 2) / 2


_ports = itertools.count(os.getpid() * 101)


def _free_port() -> int:
    """One that is free now, and below those that the system hands out to others."""
    while True:
        port = 12_000 + next(_ports) % 8_000
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
