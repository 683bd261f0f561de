"""PostludeMiddleware: who owns the lifespan, and what comes in which order at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest
from postlude import BackgroundTask, PostludeMiddleware, TaskRunner

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio


class Lifespan:
    """A server's side of the lifespan, with everything that happens in one log."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.requests: list[str] = ["startup", "shutdown"]
        self.gate = anyio.Event()

    async def receive(self) -> dict[str, str]:
        await anyio.lowlevel.checkpoint()
        if len(self.requests) == 1:
            await self.gate.wait()
        return {"type": f"lifespan.{self.requests.pop(0)}"}

    async def send(self, message: Any) -> None:
        self.log.append(message["type"].removeprefix("lifespan."))

    async def run(self, app: PostludeMiddleware, meanwhile: Callable[[], object]) -> list[str]:
        async with anyio.create_task_group() as group:
            group.start_soon(app, {"type": "lifespan"}, self.receive, self.send)
            await anyio.wait_all_tasks_blocked()
            meanwhile()
            self.gate.set()
        return self.log


async def test_the_lifespan_drains_before_the_applications_own_shutdown() -> None:
    server = Lifespan()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        server.log.append("pool closed")
        await send({"type": "lifespan.shutdown.complete"})

    async def work() -> None:
        await anyio.sleep(0.02)
        server.log.append("task")

    wrapped = PostludeMiddleware(app)
    log = await server.run(wrapped, lambda: wrapped.runner.submit(BackgroundTask(work)))
    assert log == ["startup.complete", "task", "pool closed", "shutdown.complete"]


@pytest.mark.parametrize("raises", [False, True])
async def test_an_application_without_a_lifespan_gets_one(raises: bool) -> None:
    server = Lifespan()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if raises:
            assert scope["type"] == "http"

    wrapped = PostludeMiddleware(app)
    task = BackgroundTask(server.log.append, "task")
    log = await server.run(wrapped, lambda: wrapped.runner.submit(task))
    assert log == ["startup.complete", "task", "shutdown.complete"]


async def test_a_startup_that_fails_fails() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        raise OSError("no database")

    server = Lifespan()
    with pytest.raises(OSError, match="no database"):
        await PostludeMiddleware(app)({"type": "lifespan"}, server.receive, server.send)
    assert server.log == []


async def test_a_runner_that_somebody_else_opened_is_left_open() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None: ...

    async with TaskRunner() as runner:
        await Lifespan().run(PostludeMiddleware(app, runner), lambda: None)
        assert (await runner.submit(BackgroundTask(int)).wait()).attempts == 1


def names() -> list[str]:
    # Under trio, tasks of the event loop itself start and host the threads of all runners.
    found = sorted(str(task.name) for task in anyio.get_running_tasks())
    return [name for name in found if not name.endswith(("._host_in_trio", "._host"))]


async def test_the_server_hears_of_the_end_when_no_worker_is_left_to_cancel() -> None:
    class Counting(Lifespan):
        async def send(self, message: Any) -> None:
            await super().send(message)
            self.left = names()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        wrapped.runner.submit(BackgroundTask(int))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    server = Counting()
    server.gate.set()
    wrapped = PostludeMiddleware(app)
    alone = names()
    await wrapped({"type": "lifespan"}, server.receive, server.send)
    assert server.log == ["startup.complete", "shutdown.complete"]
    assert server.left == alone


async def test_an_application_that_listens_on_after_the_end_does_not_keep_it_to_itself() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        while True:
            step = (await receive())["type"]
            await send({"type": f"{step}.complete"})

    class Ending(Lifespan):
        async def receive(self) -> dict[str, str]:
            if not self.requests:
                assert self.log[-1] == "shutdown.complete"
                raise EOFError
            return await super().receive()

    server = Ending()
    server.gate.set()
    with pytest.raises(EOFError):
        await PostludeMiddleware(app)({"type": "lifespan"}, server.receive, server.send)
    assert server.log == ["startup.complete", "shutdown.complete"]


async def test_an_application_that_fails_after_the_end_has_ended() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.failed", "message": "no goodbye"})
        raise OSError("no goodbye")

    server = Lifespan()
    server.gate.set()
    with pytest.raises(OSError, match="no goodbye"):
        await PostludeMiddleware(app)({"type": "lifespan"}, server.receive, server.send)
    assert server.log == ["startup.complete", "shutdown.failed"]
