import asyncio
from typing import Any


class Stream:
    """A body that ends when nothing refers to it any more."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    async def send_bytes(self, data: bytes) -> None:
        await self.stream.send_bytes(data)

    def __del__(self) -> None:
        del self.stream
        print("last byte is out")


class Protocol:
    """The server's side of one request."""

    def __init__(self, protocol: Any) -> None:
        self.protocol = protocol

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        self.protocol.response_bytes(status, headers, body)
        print("status and headers are out")
        print("last byte is out")

    def response_stream(self, status: int, headers: Any) -> Stream:
        stream = self.protocol.response_stream(status, headers)
        print("status and headers are out")
        return Stream(stream)


class Narrator:
    """Says what an application hands to the server."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.app.__rsgi_init__(loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.app.__rsgi_del__(loop)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        if not scope.path.startswith("/orders"):
            await self.app(scope, protocol)
            return
        await self.app(scope, Protocol(protocol))
        print("request is over")
