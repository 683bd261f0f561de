"""One request over a connection of its own."""

from __future__ import annotations

import http.client
import socket
import struct
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from anyio import to_thread

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

ERRORS = (OSError, http.client.HTTPException)


class Exchange:
    """A request that is on its way, and the response as far as it has come.

    Every method may raise one of `ERRORS`.
    """

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        """Hold the connection, on which a request is sent."""
        self._connection = connection
        self._response: http.client.HTTPResponse | None = None

    async def status(self) -> int:
        """Wait for the head of the response."""
        if self._response is None:
            self._response = await to_thread.run_sync(self._connection.getresponse)
        return self._response.status

    async def read(self, size: int) -> bytes:
        """Wait for so many bytes of the body, or for its end."""
        await self.status()
        assert self._response
        return await to_thread.run_sync(self._response.read, size)

    async def rest(self) -> bytes:
        """Wait for the last byte of the body, and return what was not read before."""
        await self.status()
        assert self._response
        return await to_thread.run_sync(self._response.read)

    def hang_up(self) -> None:
        """Break off, so that the server hears of it with the next byte it sends."""
        assert self._connection.sock
        at_once = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        self._connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.close()

    def close(self) -> None:
        """Hang up with good manners, if it is still open."""
        if self._response:
            self._response.close()
        self._connection.close()


@asynccontextmanager
async def open_exchange(
    url: str, path: str, *, method: str = "GET", patience: float
) -> AsyncGenerator[Exchange]:
    """Send a request; no wait for bytes takes longer than `patience` seconds."""
    base = urlsplit(url)
    connection = http.client.HTTPConnection(base.hostname or "", base.port, timeout=patience)
    exchange = Exchange(connection)
    try:
        await to_thread.run_sync(connection.request, method, base.path.rstrip("/") + path)
        yield exchange
    finally:
        exchange.close()
