"""PostludeMiddleware: when tasks are released, that they run once, and who owns the lifespan."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    NoActiveRequest,
    PostludeMiddleware,
    RetryPolicy,
    TaskFailed,
    TaskRunner,
    current_tasks,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from postlude._clock import VirtualClock

    Records = Callable[[], list[logging.LogRecord]]
    Handler = Callable[["Exchange"], Awaitable[None]]

pytestmark = pytest.mark.anyio

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


async def test_a_task_that_is_awaited_in_the_handler_runs_after_the_response() -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.task("task")()
        exchange.log.append("answers")
        await exchange.answer()

    log = await Exchange(handler).run()
    assert log == ["answers", "start", "body", "request ends", "task"]


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


async def test_a_pipeline_runs_where_it_stands() -> None:
    async def fail() -> None:
        raise ValueError("bad")

    async def handler(exchange: Exchange) -> None:
        tasks = BackgroundTasks([exchange.task("first"), BackgroundTask(fail)])
        with pytest.raises(TaskFailed):
            await tasks(continue_on_error=False)
        outcomes = await BackgroundTasks([exchange.task("here")]).run_all()
        assert len(outcomes) == 1
        await exchange.answer()

    assert (await Exchange(handler).run())[:3] == ["first", "here", "start"]


async def test_a_task_within_a_task_runs_where_it_is_awaited() -> None:
    async def handler(exchange: Exchange) -> None:
        inner = BackgroundTasks([exchange.task("inner 1"), exchange.task("inner 2")])

        async def outer() -> None:
            await inner()
            exchange.log.append("outer")
            with pytest.raises(NoActiveRequest):
                current_tasks()

        await BackgroundTask(outer)()
        await exchange.answer()

    assert (await Exchange(handler).run())[-3:] == ["inner 1", "inner 2", "outer"]


async def test_the_current_tasks_are_a_requests() -> None:
    groups: list[BackgroundTasks] = []

    async def handler(exchange: Exchange) -> None:
        groups.append(current_tasks())
        await exchange.answer()

    for _ in range(2):
        await Exchange(handler).run()
    assert groups[0] is not groups[1]
    with pytest.raises(NoActiveRequest, match="wrapped in PostludeMiddleware"):
        current_tasks()


async def test_a_task_that_is_added_after_the_response_runs() -> None:
    async def handler(exchange: Exchange) -> None:
        group = current_tasks()
        group.add(exchange.task("before"))
        await exchange.answer()
        await anyio.wait_all_tasks_blocked()
        group.add(exchange.task("after"))
        await anyio.wait_all_tasks_blocked()

    log = await Exchange(handler).run()
    assert log == ["start", "body", "before", "after", "request ends"]


async def test_a_group_asked_for_only_after_the_response_runs() -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.answer()
        current_tasks().add(exchange.task("after"))

    assert (await Exchange(handler).run())[-1] == "after"


async def test_a_task_that_is_added_when_the_request_is_over_runs_or_is_refused() -> None:
    groups: list[BackgroundTasks] = []

    async def handler(exchange: Exchange) -> None:
        groups.append(current_tasks())
        await exchange.answer()

    exchange = Exchange(handler)
    async with TaskRunner() as runner:
        await exchange.serve(PostludeMiddleware(exchange.app, runner))
        groups[0].add(exchange.task("later"))
    assert exchange.log[-1] == "later"
    with pytest.raises(NoActiveRequest, match="a request that is over"):
        groups[0].add(exchange.task("too late"))


@pytest.mark.parametrize("limit", [1, 2, None])
async def test_a_group_keeps_its_order_its_limit_and_its_isolation(limit: int | None) -> None:
    running = most = 0
    started: list[int] = []

    async def work(number: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        started.append(number)
        await anyio.sleep(0.05)
        running -= 1
        if number == 2:
            raise ValueError("bad")

    async def handler(exchange: Exchange) -> None:
        tasks = BackgroundTasks(max_concurrent=limit)
        for number in range(6):
            tasks.add_task(work, number)
        await tasks()
        await exchange.answer()

    await Exchange(handler).run()
    assert started == list(range(6))
    assert most == (limit or 6)


async def test_a_task_may_add_to_its_own_group() -> None:
    async def handler(exchange: Exchange) -> None:
        tasks = BackgroundTasks(max_concurrent=2)

        async def add() -> None:
            done = anyio.Event()

            async def finish() -> None:
                done.set()

            tasks.add_task(finish)
            with anyio.fail_after(10):
                await done.wait()
            exchange.log.append("added")

        tasks.add_task(add)
        await tasks()
        await exchange.answer()
        exchange.tasks = tasks  # type: ignore[attr-defined]

    exchange = Exchange(handler)
    assert (await exchange.run())[-1] == "added"
    assert exchange.tasks.followers == []  # type: ignore[attr-defined]


async def test_a_retry_in_a_group_lets_the_next_pass_and_comes_back(clock: VirtualClock) -> None:
    async def handler(exchange: Exchange) -> None:
        async def flaky() -> None:
            exchange.log.append("flaky")
            if exchange.log.count("flaky") == 1:
                raise ConnectionError

        tasks = BackgroundTasks()
        tasks.add_task(flaky, retry_policy=RetryPolicy(initial_delay=10, jitter=0))
        tasks.add(exchange.task("next"))
        await tasks()
        await exchange.answer()

    exchange = Exchange(handler)
    async with TaskRunner() as runner:
        await exchange.serve(PostludeMiddleware(exchange.app, runner))
        await clock.advance(10)
    assert exchange.log[3:] == ["flaky", "next", "flaky"]


async def test_a_drain_reports_each_task_of_a_group(records: Records) -> None:
    async def handler(exchange: Exchange) -> None:
        tasks = BackgroundTasks([BackgroundTask(anyio.sleep_forever)])
        for name in ("b", "c"):
            tasks.add(exchange.task(name).with_options(name=name))
        await tasks()
        await exchange.answer()

    exchange = Exchange(handler)
    async with TaskRunner() as runner:
        await exchange.serve(PostludeMiddleware(exchange.app, runner))
        await anyio.wait_all_tasks_blocked()
        report = await runner.drain(0)
    assert [outcome.name for outcome in report.unfinished] == ["sleep_forever", "b", "c"]
    assert len({outcome.task_id for outcome in report.unfinished}) == 3
    assert [record.levelname for record in records()] == ["ERROR"] * 3 + ["WARNING"]
    assert exchange.log[-1] == "request ends"


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


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="on_error_response='ignore' must be 'run' or 'drop'"):
        PostludeMiddleware(lambda: None, on_error_response="ignore")  # type: ignore[arg-type, return-value]
