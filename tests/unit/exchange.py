"""One request through `PostludeMiddleware`, without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio.lowlevel
from postlude import BackgroundTask, PostludeMiddleware, TaskRunner

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handler = Callable[["Exchange"], Awaitable[None]]

START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": ()}
BODY: dict[str, Any] = {"type": "http.response.body", "body": b"done"}


class Exchange:
    """One request: what the application sends is put into the log, as are its tasks."""

    def __init__(self, handler: Handler, kind: str = "http") -> None:
        self.log: list[str] = []
        self.handler = handler
        self.scope: dict[str, Any] = {"type": kind, "method": "GET"}
        self.incoming: list[dict[str, Any]] = []

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        self.receive, self.send = receive, send
        await self.handler(self)

    async def answer(self, status: int = 200) -> None:
        await self.send({**START, "status": status})
        await self.send(BODY)

    def task(self, name: str) -> BackgroundTask:
        async def note() -> None:
            self.log.append(name)

        return BackgroundTask(note)

    async def run(self, runner: TaskRunner | None = None, **options: Any) -> list[str]:
        """Serve the request and let its tasks end."""
        async with runner or TaskRunner() as opened:
            await self.serve(PostludeMiddleware(self.app, opened, **options))
        return self.log

    async def serve(self, app: PostludeMiddleware) -> None:
        async def receive() -> Any:
            return self.incoming.pop(0)

        async def send(message: Any) -> None:
            await anyio.lowlevel.checkpoint()
            self.log.append(message["type"].rpartition(".")[2])

        await app(self.scope, receive, send)
        self.log.append("request ends")
