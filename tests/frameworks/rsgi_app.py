"""Applications on granian's own protocol and no framework."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from postlude import BackgroundTask, BackgroundTasks, TaskRunner, current_tasks
from postlude._current import request_id
from postlude.rsgi import PostludeMiddleware
from tests.frameworks.probe import make_runner, note, note_async, wait_for_gate

SELF = str(Path(__file__))


class Application:
    """Answers in every way that the protocol has."""

    def __rsgi_init__(self, loop: Any) -> None:
        loop.run_until_complete(note_async("application opened"))

    def __rsgi_del__(self, loop: Any) -> None:
        loop.run_until_complete(note_async("application closed"))

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        if scope.proto == "ws":
            await talk(protocol)
            return
        await answer(scope.path, protocol)


async def answer(path: str, protocol: Any) -> None:
    current_tasks().add_task(wait_for_gate, path)
    match path:
        case "/empty":
            protocol.response_empty(204, [])
        case "/text":
            protocol.response_str(200, [], "text")
        case "/bytes":
            protocol.response_bytes(200, [], b"bytes")
        case "/file":
            protocol.response_file(200, [], SELF)
        case "/range":
            protocol.response_file_range(206, [], SELF, 0, 3)
        case "/stream":
            stream = protocol.response_stream(200, [])
            await stream.send_str("stream")
        case "/echo":
            first = await protocol()
            protocol.response_bytes(200, [], first)
        case "/chunks":
            chunks = [chunk async for chunk in protocol]
            protocol.response_bytes(200, [], b"".join(chunks))
        case "/identity":
            current_tasks().add(BackgroundTask(note_identity))
            protocol.response_empty(204, [])
        case "/limited":
            await BackgroundTasks([BackgroundTask(note, "a"), BackgroundTask(note, "b")])()
            protocol.response_empty(503, [])
        case "/broken-stream":
            protocol.response_stream(503, [])
        case _:
            raise LookupError(path)


async def note_identity() -> None:
    note(str(request_id.get()))


async def talk(protocol: Any) -> None:
    socket = await protocol.accept()
    current_tasks().add_task(note, "socket is closed")
    await socket.send_str((await socket.receive()).data)
    note("handler ends")


app = PostludeMiddleware(Application(), make_runner())
twice = PostludeMiddleware(app)
runner = make_runner()
shared = PostludeMiddleware(PostludeMiddleware(Application(), runner), runner)
dropping = PostludeMiddleware(Application(), make_runner(), on_error_response="drop")
crowded = PostludeMiddleware(Application(), TaskRunner(max_concurrent=1, max_pending=1))


class Unhooked:
    """Serves, and tells nobody that the server starts."""

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        await unhooked(scope, protocol)


unhooked = PostludeMiddleware(Application())
never_started = Unhooked()


async def answer_plainly(scope: Any, protocol: Any) -> None:
    """A mere function: the server calls it, and the middleware opens the runner."""
    await answer(scope.path, protocol)


plain = PostludeMiddleware(answer_plainly)
