"""What `check_attachment` asks, without a framework: once as it should be, and with one flaw each.

Each class is an application that breaks one promise and keeps all others.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import anyio
from postlude import BackgroundTask, BackgroundTasks, PostludeMiddleware
from postlude.testing import probe_background, probe_chunks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

    Background = BackgroundTask | BackgroundTasks


class Sound:
    """Keeps every promise."""

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        match scope["path"].split("/"):
            case ["", "respond", status, key]:
                await self.respond(int(status), probe_background(key), send, scope["method"])
            case ["", "stream", key]:
                await self.stream(key, probe_background(key), receive, send)
            case _:
                await self.answer(404, send)

    async def live(self, receive: Receive, send: Send) -> None:
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})

    async def respond(self, status: int, background: Background, send: Send, method: str) -> None:
        await self.answer(status, send)
        await self.run(background)

    async def answer(self, status: int, send: Send) -> None:
        headers = [(b"content-length", b"4")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"body"})

    async def stream(self, key: str, background: Background, receive: Receive, send: Send) -> None:
        is_whole = False
        async with anyio.create_task_group() as group:

            async def listen() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                group.cancel_scope.cancel()

            group.start_soon(listen)
            await self.send_chunks(key, background, send)
            is_whole = True
            group.cancel_scope.cancel()
        await self.after_stream(background, is_whole=is_whole)

    async def send_chunks(self, key: str, background: Background, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        async for chunk in probe_chunks(key):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await self.after_chunk(background)
        await send({"type": "http.response.body", "body": b""})

    async def after_chunk(self, background: Background) -> None:
        """Nothing."""

    async def after_stream(self, background: Background, *, is_whole: bool) -> None:
        await self.run(background)

    async def run(self, background: Background) -> None:
        await background()


class Early(Sound):
    async def respond(self, status: int, background: Background, send: Send, method: str) -> None:
        await self.run(background)
        await self.answer(status, send)


class Reversed(Sound):
    async def run(self, background: Background) -> None:
        if isinstance(background, BackgroundTasks):
            background.tasks.reverse()
        await background()


class SideBySide(Sound):
    async def run(self, background: Background) -> None:
        if isinstance(background, BackgroundTasks):
            background.max_concurrent = None
        await background()


class StopsAtFailure(Sound):
    async def run(self, background: Background) -> None:
        if isinstance(background, BackgroundTasks):
            await background(continue_on_error=False)
        else:
            await background()


class Silent(Sound):
    async def run(self, background: Background) -> None:
        logging.getLogger("postlude").disabled = True
        await background()


class LogsTwice(Sound):
    async def run(self, background: Background) -> None:
        for task in background.tasks if isinstance(background, BackgroundTasks) else [background]:
            error = getattr(await task.run(), "error", None)
            if error:
                logging.getLogger("postlude").error("once more", exc_info=error)


class Twice(Sound):
    async def run(self, background: Background) -> None:
        await background()
        await background()


class DropsOnErrors(Sound):
    async def respond(self, status: int, background: Background, send: Send, method: str) -> None:
        await self.answer(status, send)
        if status < 400:
            await self.run(background)


class DropsOnHead(Sound):
    async def respond(self, status: int, background: Background, send: Send, method: str) -> None:
        await self.answer(status, send)
        if method != "HEAD":
            await self.run(background)


class ReleasesAtFirstChunk(Sound):
    def __init__(self) -> None:
        self.running: dict[int, asyncio.Task[None]] = {}

    async def after_chunk(self, background: Background) -> None:
        if id(background) not in self.running:
            self.running[id(background)] = asyncio.create_task(self.run(background))

    async def after_stream(self, background: Background, *, is_whole: bool) -> None:
        await self.running.pop(id(background))


class DropsOnDisconnect(Sound):
    async def after_stream(self, background: Background, *, is_whole: bool) -> None:
        if is_whole:
            await self.run(background)


class OneAtATime(Sound):
    def __init__(self) -> None:
        self.turn = anyio.Lock()

    async def respond(self, status: int, background: Background, send: Send, method: str) -> None:
        async with self.turn:
            await super().respond(status, background, send, method)


class DiesWithItsTasks(Sound):
    def __init__(self) -> None:
        self.running: list[asyncio.Task[None]] = []

    async def run(self, background: Background) -> None:
        self.running.append(asyncio.create_task(background()))


class NeverEnds(Sound):
    async def live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await anyio.sleep_forever()


class Awaits(Sound):
    """As in a framework that has no `background=`: it leaves the tasks to the middleware."""

    async def respond(self, status: int, background: Background, send: Send, method: str) -> None:
        await self.run(background)
        await self.answer(status, send)

    async def stream(self, key: str, background: Background, receive: Receive, send: Send) -> None:
        await self.run(background)
        await super().stream(key, background, receive, send)

    async def after_stream(self, background: Background, *, is_whole: bool) -> None:
        """Nothing."""


sound = Sound()
early = Early()
reversed_ = Reversed()
side_by_side = SideBySide()
stops_at_failure = StopsAtFailure()
silent = Silent()
logs_twice = LogsTwice()
twice = Twice()
drops_on_errors = DropsOnErrors()
drops_on_head = DropsOnHead()
releases_at_first_chunk = ReleasesAtFirstChunk()
drops_on_disconnect = DropsOnDisconnect()
one_at_a_time = OneAtATime()
dies_with_its_tasks = DiesWithItsTasks()
never_ends = NeverEnds()
awaited = PostludeMiddleware(Awaits())
