from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx


class Exchange:
    def __init__(self, body: bytes) -> None:
        self.body = body
        self.response: httpx.Response | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.body

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        self.response = httpx.Response(status, headers=headers, content=body)


class RSGITransport(httpx.AsyncBaseTransport):
    def __init__(self, app: Any) -> None:
        self.app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        scope = SimpleNamespace(
            proto="http",
            method=request.method,
            path=request.url.path,
            query_string=request.url.query.decode(),
            headers=request.headers,
            client="127.0.0.1:0",
        )
        exchange = Exchange(await request.aread())
        await self.app.__rsgi__(scope, exchange)
        assert exchange.response is not None
        return exchange.response
