"""A client that speaks HTTP/1.1 on a socket of its own and can leave at any moment."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field


@dataclass
class Answer:
    """A response, and when each part was there, by the clock of `time.monotonic`."""

    asked: float
    status: int = 0
    reason: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    came: float = 0.0
    """When its head was there."""
    done: float = 0.0
    """When its last byte was there."""

    @property
    def seconds(self) -> float:
        """From the request to the last byte."""
        return self.done - self.asked


class Connection:
    """One connection; what is asked on it is asked one after another."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Use `Connection.to`."""
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, port: int) -> Connection:
        """A new one."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> float:
        """Send a request, and wait for nothing; when that was."""
        sent = {"host": "localhost", **(headers or {})}
        if body:
            sent["content-length"] = str(len(body))
        lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in sent.items())]
        asked = time.monotonic()
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await self._writer.drain()
        return asked

    async def head(self, asked: float) -> Answer:
        """Wait for the status line and the headers."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        _, status, *reason = first.split(" ", 2)
        pairs = (line.split(": ", 1) for line in lines)
        headers = {name.lower(): value for name, value in pairs}
        answer = Answer(asked, int(status), "".join(reason), headers)
        answer.came = time.monotonic()
        return answer

    async def some(self) -> bytes:
        """Whatever comes next."""
        return await self._reader.read(65536)

    async def rest(self, answer: Answer, *, method: str = "GET") -> Answer:
        """Wait for the body."""
        headers = answer.headers
        if method == "HEAD" or answer.status in {204, 304}:
            pass
        elif headers.get("transfer-encoding") == "chunked":
            while size := int(await self._reader.readline(), 16):
                answer.body += (await self._reader.readexactly(size + 2))[:-2]
            await self._reader.readline()
        elif "content-length" in headers:
            answer.body = await self._reader.readexactly(int(headers["content-length"]))
        else:
            answer.body = await self._reader.read()
        answer.done = time.monotonic()
        return answer

    def leave(self) -> None:
        """Close the socket, whatever is still to come."""
        self._writer.close()
