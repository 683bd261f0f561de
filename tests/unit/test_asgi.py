"""PostludeMiddleware: when tasks are released, that they run once, and where without a runner."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    PostludeMiddleware,
    TaskRunner,
    current_tasks,
    request_id,
)
from tests.unit.exchange import BODY, START, Exchange

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio


async def test_a_task_that_is_awaited_in_the_handler_runs_after_the_response() -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.task("task")()
        exchange.log.append("answers")
        await exchange.answer()

    log = await Exchange(handler).run()
    assert log == ["answers", "start", "body", "request ends", "task"]


async def test_a_message_that_lacks_something_is_the_servers_to_refuse() -> None:
    async def handler(exchange: Exchange) -> None:
        with pytest.raises(KeyError, match="type"):
            await exchange.send({})
        await exchange.send({"type": "http.response.start"})
        await exchange.send(BODY)

    assert await Exchange(handler).run() == ["start", "body", "request ends"]


async def test_a_request_id_that_was_set_within_ends_with_the_request() -> None:
    async def handler(exchange: Exchange) -> None:
        request_id.set("inner")
        await exchange.answer()

    token = request_id.set("outer")
    await Exchange(handler).run()
    assert request_id.get() == "outer"
    request_id.reset(token)


@pytest.mark.parametrize("grouped", [False, True])
async def test_what_is_awaited_and_attached_runs_once(grouped: bool) -> None:
    async def handler(exchange: Exchange) -> None:
        task = exchange.task("task")
        work = BackgroundTasks([task]) if grouped else task
        await work()
        await work()
        await exchange.answer()
        await anyio.wait_all_tasks_blocked()
        await work()  # what a framework does with background=

    assert (await Exchange(handler).run()).count("task") == 1


async def test_a_task_that_is_attached_does_not_hold_the_request() -> None:
    gate = anyio.Event()

    async def handler(exchange: Exchange) -> None:
        await exchange.answer()
        await BackgroundTask(gate.wait)()

    exchange = Exchange(handler)
    async with TaskRunner() as runner:
        with anyio.fail_after(10):
            await exchange.serve(PostludeMiddleware(exchange.app, runner))
        gate.set()


async def test_tasks_run_in_the_order_added_wherever_they_were_added() -> None:
    def service(exchange: Exchange) -> None:
        current_tasks().add(exchange.task("thread"))

    async def handler(exchange: Exchange) -> None:
        current_tasks().add(exchange.task("handler"))
        await anyio.to_thread.run_sync(service, exchange)
        current_tasks().add(exchange.task("handler again"))
        assert current_tasks() is current_tasks()
        await exchange.answer()

    log = await Exchange(handler).run()
    assert log[:2] == ["start", "body"]
    assert [line for line in log[2:] if line != "request ends"] == [
        "handler",
        "thread",
        "handler again",
    ]


async def test_a_stream_releases_with_its_last_message() -> None:
    async def handler(exchange: Exchange) -> None:
        current_tasks().add(exchange.task("task"))
        await exchange.send(START)
        for number in range(3):
            await exchange.send({**BODY, "more_body": True})
            await anyio.wait_all_tasks_blocked()
            exchange.log.append(f"chunk {number}")
        await exchange.send({"type": "http.response.body"})
        await anyio.wait_all_tasks_blocked()

    log = await Exchange(handler).run()
    chunks = [line for number in range(3) for line in ("body", f"chunk {number}")]
    assert log == ["start", *chunks, "body", "task", "request ends"]


@pytest.mark.parametrize(
    ("kind", "messages"),
    [
        ("http", [START, {"type": "http.response.pathsend", "path": "/x"}]),
        ("http", [START, {"type": "http.response.zerocopysend", "file": 3}]),
        (
            "http",
            [{**START, "trailers": True}, BODY, {"type": "http.response.trailers", "headers": ()}],
        ),
        ("websocket", [{"type": "websocket.accept"}, {"type": "websocket.close"}]),
        (
            "websocket",
            [
                {"type": "websocket.http.response.start", "status": 403, "headers": ()},
                {"type": "websocket.http.response.body", "body": b""},
            ],
        ),
    ],
)
async def test_every_kind_of_response_releases_with_its_last_message(
    kind: str, messages: list[dict[str, Any]]
) -> None:
    async def handler(exchange: Exchange) -> None:
        current_tasks().add(exchange.task("task"))
        for message in messages:
            await anyio.wait_all_tasks_blocked()
            assert "task" not in exchange.log
            await exchange.send(message)
        await anyio.wait_all_tasks_blocked()
        assert exchange.log[-1] == "task"

    assert (await Exchange(handler, kind).run()).count("task") == 1


async def test_a_websocket_that_the_client_closes_releases() -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.send({"type": "websocket.accept"})
        await exchange.task("task")()
        for _ in range(2):
            assert "task" not in exchange.log
            await exchange.receive()
            await anyio.wait_all_tasks_blocked()
        assert exchange.log[-1] == "task"

    exchange = Exchange(handler, "websocket")
    exchange.incoming = [{"type": "websocket.receive"}, {"type": "websocket.disconnect"}]
    assert (await exchange.run()).count("task") == 1


async def test_tasks_of_a_client_that_left_run() -> None:
    async def handler(exchange: Exchange) -> None:
        current_tasks().add(exchange.task("task"))
        await exchange.send(START)

    assert (await Exchange(handler).run())[-1] == "task"


async def test_tasks_of_a_handler_that_raised_run() -> None:
    async def handler(exchange: Exchange) -> None:
        current_tasks().add(exchange.task("task"))
        raise ValueError("bad")

    exchange = Exchange(handler)
    with pytest.raises(ValueError, match="bad"):
        await exchange.run()
    assert exchange.log == ["task"]


@pytest.mark.parametrize("raises", [False, True])
async def test_tasks_of_a_failed_request_are_dropped_on_demand_and_that_is_logged(
    raises: bool, records: Records
) -> None:
    async def handler(exchange: Exchange) -> None:
        current_tasks().add(exchange.task("before").with_options(name="before"))
        group = current_tasks()
        if raises:
            raise ValueError("bad")
        await exchange.answer(404)
        group.add(exchange.task("late").with_options(name="late"))
        await exchange.task("attached")()

    exchange = Exchange(handler)
    if raises:
        with pytest.raises(ValueError, match="bad"):
            await exchange.run(on_error_response="drop")
    else:
        await exchange.run(on_error_response="drop")
        assert exchange.log[-1] == "attached"
    assert "before" not in exchange.log
    dropped = [record.getMessage() for record in records() if "dropped" in record.getMessage()]
    names = ["before"] if raises else ["before", "late"]
    assert dropped == [f"task {name!r} was dropped, since the request failed" for name in names]


async def test_a_good_response_drops_nothing() -> None:
    async def handler(exchange: Exchange) -> None:
        current_tasks().add(exchange.task("task"))
        await exchange.answer(302)

    assert (await Exchange(handler).run(on_error_response="drop"))[-1] == "task"


async def test_a_request_that_the_server_cancels_releases_its_tasks() -> None:
    async def handler(exchange: Exchange) -> None:
        current_tasks().add(exchange.task("task"))
        await anyio.sleep_forever()

    exchange = Exchange(handler)
    async with TaskRunner() as runner:
        with anyio.move_on_after(0.02):
            await exchange.serve(PostludeMiddleware(exchange.app, runner))
    assert exchange.log == ["task"]


@asynccontextmanager
async def full_runner() -> AsyncGenerator[TaskRunner]:
    gate = anyio.Event()
    async with TaskRunner(max_concurrent=1, max_pending=1) as runner:
        for _ in range(2):
            runner.submit(BackgroundTask(gate.wait))
            await anyio.wait_all_tasks_blocked()
        yield runner
        gate.set()


async def test_a_runner_that_is_full_runs_tasks_in_their_request() -> None:
    async def handler(exchange: Exchange) -> None:
        current_tasks().add(exchange.task("group"))
        await exchange.task("awaited")()
        await exchange.answer()
        await exchange.task("attached")()

    exchange = Exchange(handler)
    async with full_runner() as runner:
        await exchange.serve(PostludeMiddleware(exchange.app, runner))
    assert exchange.log == ["start", "body", "attached", "group", "awaited", "request ends"]


async def test_what_cannot_run_in_its_cancelled_request_is_reported(records: Records) -> None:
    async def handler(exchange: Exchange) -> None:
        await BackgroundTask(anyio.sleep_forever).with_options(name="first")()
        await exchange.task("second").with_options(name="second")()
        await exchange.answer()

    exchange = Exchange(handler)
    async with full_runner() as runner:
        with anyio.move_on_after(0.02):
            await exchange.serve(PostludeMiddleware(exchange.app, runner))
    texts = [record.getMessage() for record in records() if record.levelno > logging.INFO]
    assert len(texts) == 2
    assert "task 'first'" in texts[0]
    assert "task 'second'" in texts[1]
    assert "was never started: the request that it had to run in was cancelled" in texts[1]


async def test_without_a_lifespan_tasks_run_inline_and_one_warning_says_so(
    records: Records,
) -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.task("awaited")()
        current_tasks().add(exchange.task("current"))
        await exchange.answer()

    app: PostludeMiddleware | None = None
    for _ in range(2):
        exchange = Exchange(handler)
        if app is None:
            app = PostludeMiddleware(exchange.app)
        app.app = exchange.app
        await exchange.serve(app)
        assert exchange.log == ["awaited", "start", "body", "current", "request ends"]
    (record,) = records()
    assert record.levelname == "WARNING"
    assert "no lifespan has reached PostludeMiddleware" in record.getMessage()


async def test_a_runner_that_shuts_down_leaves_tasks_to_their_request() -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.task("awaited")()
        await runner.drain()
        await exchange.task("late")()
        await exchange.answer()

    runner = TaskRunner()
    log = await Exchange(handler).run(runner)
    assert log == ["late", "start", "body", "awaited", "request ends"]


async def test_a_middleware_within_a_middleware_leaves_the_request_to_the_outer_one() -> None:
    async def handler(exchange: Exchange) -> None:
        current_tasks().add(exchange.task("task"))
        await exchange.answer()

    exchange = Exchange(handler)
    async with TaskRunner() as outer, TaskRunner() as inner:
        app = PostludeMiddleware(PostludeMiddleware(exchange.app, inner), outer)
        await exchange.serve(app)
    assert exchange.log.count("task") == 1


async def test_a_submitted_task_does_not_wait_for_the_response() -> None:
    async def handler(exchange: Exchange) -> None:
        handle = await exchange.task("task").submit()
        await handle.wait()
        await exchange.answer()

    assert (await Exchange(handler).run())[0] == "task"


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="on_error_response='ignore' must be 'run' or 'drop'"):
        PostludeMiddleware(lambda: None, on_error_response="ignore")  # type: ignore[arg-type, return-value]


def test_what_is_no_application_and_no_runner_is_refused() -> None:
    nothing: Any = None
    wrong: Any = PostludeMiddleware
    with pytest.raises(TypeError, match="wraps an ASGI application, got an object of type 'None"):
        PostludeMiddleware(nothing)
    with pytest.raises(
        TypeError, match=r"runner=<.*> must be a TaskRunner, or None for one of its"
    ):
        PostludeMiddleware(wrong, wrong)
