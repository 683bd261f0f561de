"""How `check_attachment` is called, and what it says."""

from __future__ import annotations

import logging
import socket
import sys
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import hypercorn.asyncio
import hypercorn.trio
import pytest
import sniffio
from hypercorn.config import Config
from postlude import PostludeError
from postlude.testing import (
    AttachmentBroken,
    AttachmentReport,
    check_attachment,
    probe_background,
    probe_chunks,
)
from postlude.testing._promises import PROMISES
from tests.conformance import bare_app

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "uvicorn", "tests.conformance.bare_app:sound"]


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(autouse=True)
def logger_as_before() -> Iterator[None]:
    logger = logging.getLogger("postlude")
    handlers = [*logger.handlers]
    yield
    logger.handlers = handlers


@asynccontextmanager
async def served(app: Any) -> AsyncGenerator[str]:
    """A server in the same event loop, which has the application under a path of its own."""

    async def below(scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "").removeprefix("/shop")
        await app({**scope, "path": path}, receive, send)

    library: Any = (
        hypercorn.trio if sniffio.current_async_library() == "trio" else hypercorn.asyncio
    )
    stop = anyio.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        config = Config()
        config.bind = [f"fd://{listener.detach()}"]
        config.accesslog = config.errorlog = None
        async with anyio.create_task_group() as group:

            async def serve() -> None:
                await library.serve(below, config, shutdown_trigger=stop.wait)

            group.start_soon(serve)
            yield f"http://127.0.0.1:{port}/shop/"
            stop.set()


async def test_a_server_of_ones_own_is_checked_but_for_its_end() -> None:
    report = await check_attachment(served(bare_app.Sound()), without={"drain"})
    assert report.broken == {}
    assert len(report.kept) == 10
    assert report.without == ("drain",)
    assert str(report).endswith("disconnect, concurrency\nnot looked at: drain")


async def test_what_is_broken_is_an_assertion_that_says_all() -> None:
    with pytest.raises(AttachmentBroken) as caught:
        await check_attachment(
            served(bare_app.Twice()), without={"drain", "head"}, patience=timedelta(seconds=20)
        )
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value, PostludeError)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("broken: exactly-once: task ")
    assert lines[1].startswith("kept: response-first, order, ")
    assert lines[2:] == ["not looked at: head, drain"]


async def test_an_application_without_the_routes_is_told_what_was_asked() -> None:
    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await bare_app.Sound().answer(404, send)
        else:
            await bare_app.Sound().live(receive, send)

    with pytest.raises(AttachmentBroken) as caught:
        await check_attachment(served(nothing), without={"drain"}, patience=0.5)
    broken = caught.value.report.broken
    assert len(broken) == 10
    assert broken["order"].startswith("GET /respond/200/group.")
    assert broken["order"].endswith(" was answered with 404 instead of 200")
    assert "did not stream what probe_chunks() gives" in broken["streaming"]


async def test_a_response_without_the_body_that_it_should_have_is_told() -> None:
    class Empty(bare_app.Sound):
        async def answer(self, status: int, send: Any) -> None:
            headers = [(b"content-length", b"0")]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": b""})

    without = {*PROMISES} - {"order", "head"}
    with pytest.raises(AttachmentBroken) as caught:
        await check_attachment(served(Empty()), without=without)
    assert [*caught.value.report.broken] == ["order"]
    assert caught.value.report.broken["order"].endswith(" was answered with 0 bytes of body")


async def test_a_stream_that_does_not_come_is_told() -> None:
    class Mute(bare_app.Sound):
        async def stream(self, key: str, background: Any, receive: Any, send: Any) -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

    without = {*PROMISES} - {"order", "streaming", "disconnect"}
    with pytest.raises(AttachmentBroken) as caught:
        await check_attachment(served(Mute()), without=without, patience=1)
    broken = caught.value.report.broken
    assert [*broken] == ["streaming", "disconnect"]
    for seen in broken.values():
        assert seen.startswith("GET /stream/")
        assert seen.endswith(" had no whole response within 1 s")


async def test_a_server_that_does_not_start_is_shown() -> None:
    program = "print('no such module'); raise SystemExit(3)  # {port}"
    with pytest.raises(RuntimeError) as caught:
        await check_attachment([sys.executable, "-c", program])
    assert str(caught.value) == (
        "the server ended with status 3 before it answered:\nno such module"
    )


async def test_what_the_server_printed_last_is_shown() -> None:
    command = [sys.executable, "-m", "uvicorn", "tests.conformance.bare_app:twice"]
    without = {"response-first", "isolation", "logging", "head", "streaming", "disconnect", "drain"}
    with pytest.raises(AttachmentBroken, match=r"the server printed last:\n(.*\n)*.*Finished"):
        await check_attachment([*command, "--port={port}"], cwd=ROOT, without=without)


@pytest.mark.parametrize(
    ("serve", "options", "error", "message"),
    [
        ("uvicorn main:app", {}, TypeError, r"takes a command as a list of texts: \['uvicorn'"),
        ([8000, "{port}"], {}, TypeError, r"takes a command as a list of texts: \['uvicorn'"),
        (["uvicorn", "main:app"], {}, ValueError, r"'main:app'\] has no '\{port\}'"),
        (["{port}"], {"without": "drain"}, TypeError, r"write without=\['drain'\]"),
        (["{port}"], {"without": ["heads"]}, ValueError, "'heads' is none of response-first, ord"),
        (["{port}"], {"patience": 0}, ValueError, "patience=0 must be more than 0 seconds"),
        (["{port}"], {"patience": "1"}, TypeError, "patience='1' takes seconds or a timedelta"),
        (["{port}"], {"patience": timedelta(-1)}, ValueError, "must be more than 0 seconds"),
    ],
)
async def test_wrong_arguments_are_refused(
    serve: Any, options: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        await check_attachment(serve, **options)


async def test_leaving_out_everything_is_refused() -> None:
    names = AttachmentReport.__dataclass_fields__  # no promise is called like this
    with pytest.raises(ValueError, match="is none of") as caught:
        await check_attachment(["{port}"], without=[*names])
    everything = str(caught.value).partition(" is none of ")[2].split(", ")
    with pytest.raises(ValueError, match="nothing is left to check"):
        await check_attachment(["{port}"], without=everything)


async def test_the_end_of_a_server_of_ones_own_must_be_left_out() -> None:
    with pytest.raises(ValueError, match=r"give one, or write without=\['drain'\]"):
        await check_attachment(served(bare_app.Sound()))


@pytest.mark.parametrize("key", ["", "{key}", "order", "plan.1.1", "group.x.1", "group.1.1.1"])
async def test_a_key_of_somebody_else_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="is no key of check_attachment: pass on the last part"):
        probe_background(key)
    with pytest.raises(ValueError, match="is no key of check_attachment"):
        await anext(probe_chunks(key))
