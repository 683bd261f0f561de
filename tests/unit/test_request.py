"""Tasks fastened to the response of one request."""

from __future__ import annotations

import contextvars
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from postlude import BackgroundTask, BackgroundTasks, after_response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

user: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")


@dataclass
class Response:
    body: str
    background: Any = None


async def test_an_async_handler_gets_its_tasks_attached() -> None:
    ran: list[str] = []

    @after_response(BackgroundTask(ran.append, "task"))
    async def handler(name: str) -> Response:
        """Doc."""
        return Response(name)

    response = await handler("ada")
    assert (response.body, ran) == ("ada", [])
    await response.background()
    assert ran == ["task"]
    assert (handler.__name__, handler.__doc__) == ("handler", "Doc.")
    assert list(inspect.signature(handler).parameters) == ["name"]
    assert inspect.iscoroutinefunction(handler)


async def test_a_sync_handler_stays_sync() -> None:
    ran: list[str] = []

    @after_response(BackgroundTasks([BackgroundTask(ran.append, "task")]))
    def handler() -> Response:
        return Response("x")

    await handler().background()
    assert ran == ["task"]


async def test_the_handlers_tasks_run_before_the_responses_own() -> None:
    ran: list[str] = []

    @after_response(BackgroundTask(ran.append, "handler's"))
    def handler() -> Response:
        return Response("x", background=BackgroundTask(ran.append, "response's"))

    await handler().background()
    assert ran == ["handler's", "response's"]


async def test_a_foreign_background_that_fails_is_isolated() -> None:
    ran: list[str] = []

    async def foreign() -> None:
        ran.append("foreign")
        raise ValueError

    @after_response(BackgroundTasks([BackgroundTask(ran.append, "ours")]))
    def handler() -> Response:
        return Response("x", background=foreign)

    await handler().background()
    assert ran == ["ours", "foreign"]


async def test_a_response_that_is_kept_does_not_gather_tasks() -> None:
    ran: list[str] = []
    kept = Response("kept")

    @after_response(BackgroundTask(ran.append, "task"))
    def handler() -> Response:
        return kept

    for _ in range(3):
        await handler().background()
    assert ran == ["task"] * 3
    assert kept.background is None


@pytest.mark.parametrize("grouped", [False, True])
async def test_each_request_has_its_own_context(grouped: bool) -> None:
    seen: list[str] = []
    task = BackgroundTask(lambda: seen.append(user.get()))

    @after_response(BackgroundTasks([task]) if grouped else task)
    def handler() -> Response:
        return Response("x")

    responses: list[Response] = []
    for name in ("ada", "bob"):
        user.set(name)
        responses.append(handler())
    for response in responses:
        await response.background()
    assert seen == ["ada", "bob"]


def test_a_function_instead_of_a_task_is_refused_with_advice() -> None:
    def send() -> None: ...

    with pytest.raises(TypeError, match=r"got send: write @after_response\(BackgroundTask\("):
        after_response(send)  # type: ignore[arg-type]


def test_what_is_no_handler_is_refused() -> None:
    decorate = after_response(BackgroundTask(int))

    async def pages() -> AsyncIterator[int]:
        yield 1

    with pytest.raises(TypeError, match="decorates a handler function, got an object of type 'in"):
        decorate(3)  # type: ignore[type-var]
    with pytest.raises(TypeError, match=r"cannot decorate pages\(\), which yields"):
        decorate(pages)


def test_a_handler_that_returns_no_response_is_told_what_to_return() -> None:
    @after_response(BackgroundTask(int))
    def handler() -> dict[str, str]:
        return {}

    with pytest.raises(TypeError, match=r"handler\(\) returned 'dict', which is no response"):
        handler()


class WebSocketDisconnect(Exception):
    """What each framework has under this name."""


class Request:
    def __init__(self, kind: str) -> None:
        self.scope = {"type": kind}


async def test_what_a_websocket_handler_leaves_runs_when_it_ends_and_when_the_client_hangs_up() -> (
    None
):
    ran: list[str] = []

    @after_response(BackgroundTask(ran.append, "task"))
    async def chat(socket: Request, ends: type[Exception] | None = None) -> None:
        ran.append("talked")
        if ends is not None:
            raise ends

    await chat(Request("websocket"))
    await chat(socket=Request("websocket"))
    assert ran == ["talked", "task"] * 2
    with pytest.raises(WebSocketDisconnect):
        await chat(Request("websocket"), WebSocketDisconnect)
    assert ran == ["talked", "task"] * 3
    with pytest.raises(KeyError):
        await chat(Request("websocket"), KeyError)
    with pytest.raises(TypeError, match=r"chat\(\) returned 'NoneType', which is no response"):
        await chat(Request("http"))
    assert ran == ["talked", "task"] * 3 + ["talked"] * 2


async def test_an_object_that_can_be_called_is_a_handler() -> None:
    ran: list[str] = []

    class Home:
        def __call__(self) -> Response:
            return Response("home")

    handler = after_response(BackgroundTask(ran.append, "task"))(Home())
    await handler().background()
    assert ran == ["task"]


async def test_each_end_of_a_websocket_handler_has_its_own_context() -> None:
    seen: list[str] = []

    @after_response(BackgroundTask(lambda: seen.append(user.get())))
    async def chat(socket: Request) -> None:
        assert socket.scope

    for name in ("ada", "grace"):
        user.set(name)
        await chat(Request("websocket"))
    assert seen == ["ada", "grace"]
