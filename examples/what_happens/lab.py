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


WHO = ("client", "app", "server")


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
        self._lines: list[tuple[float, int, str]] = []
        self._heard: list[float] = []
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
        server = Server(command(name, self._app, port, options=given), port, self)
        self.versions[name] = version(name)
        self._servers.append(server)
        try:
            await server.start()
            yield server
        finally:
            await server.kill()

    def note(self, what: str, *, at: float | None = None, who: str = "client") -> None:
        """Put a line into the raw result: what the client did, or what it got."""
        now = time.monotonic() if at is None else at
        self._lines.append((now, len(self._heard), f"{who:6}  {what}"))

    def hear(self, at: float) -> None:
        """What the client does from now on, it does after the app has told this."""
        self._heard.append(at)

    def seen(self) -> list[str]:
        """The raw result: what the client did and got, and what the app told.

        Times are in half seconds that have passed. Of one such moment the client's
        lines come first, unless it waited for the app's: which of two processes was
        first cannot be told otherwise.
        """
        lines = [*self._lines]
        for server in self._servers:
            for at, what in server.told_lines:
                after = sum(heard < at for heard in self._heard)
                lines.append((at, after, f"app     {what}"))
        start = min(at for at, _, _ in lines)

        def place(line: tuple[float, int, str]) -> tuple[float, int, int, float]:
            at, after, text = line
            return _rounded(at - start), after, WHO.index(text.split()[0]), at

        lines.sort(key=place)
        return [f"{_rounded(at - start):.1f} s  {text}" for at, _, text in lines]


def _rounded(seconds: float) -> float:
    """What is late is late by less than half a second, and nothing is early."""
    return int((seconds + 0.03) * 2) / 2


_ports = itertools.count(os.getpid() * 101)


def _free_port() -> int:
    """One that is free now, and below those that the system hands out to others."""
    while True:
        port = 12_000 + next(_ports) % 8_000
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
