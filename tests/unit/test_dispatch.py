"""Tasks with an engine: submitted, attached, in groups, by a runner, and before a response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    EngineHandle,
    EngineUnavailable,
    Failed,
    NotDispatchable,
    RemoteError,
    SQLiteStore,
    StoreUnusable,
    Succeeded,
    TaskFailed,
    TaskRunner,
    TaskState,
    TaskStatus,
    current_tasks,
    task,
)
from postlude.testing import capture_tasks, run_immediately
from tests.unit.desk import Desk
from tests.unit.exchange import Exchange

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from postlude._clock import VirtualClock

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio
ran: list[str] = []


@task(name="tests.dispatch.note")
def note(word: str) -> str:
    ran.append(word)
    return word


def unmarked() -> None: ...


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    ran.clear()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def sent(desk: Desk, word: str = "x", **options: Any) -> BackgroundTask:
    built = BackgroundTask(note, word).with_options(engine=desk, **options)
    built.used = True
    return built


async def test_submit_hands_it_over_and_needs_no_runner(desk: Desk) -> None:
    handle = await sent(desk, queue="high", priority=3, delay=60).submit()
    assert isinstance(handle, EngineHandle)
    message = desk.messages[handle.id]
    assert (message.args, message.queue, message.priority) == (("x",), "high", 3)
    assert message.delay == 60.0
    assert (handle.name, handle.status, handle.outcome) == (
        "tests.dispatch.note",
        TaskStatus.PENDING,
        None,
    )
    assert ran == []


async def test_submit_raises_what_the_engine_says(desk: Desk) -> None:
    desk.refusal = EngineUnavailable("the desk is closed")
    with pytest.raises(EngineUnavailable, match="the desk is closed"):
        await sent(desk).submit()


async def test_an_unmarked_function_is_refused_before_anything_is_sent(desk: Desk) -> None:
    built = BackgroundTask(unmarked)
    with pytest.raises(NotDispatchable):
        await built.with_options(engine=desk).submit()
    assert desk.messages == {}


async def test_a_handle_asks_until_it_has_ended(desk: Desk) -> None:
    handle = await sent(desk, task_id="t-1").submit()
    assert isinstance(handle, EngineHandle)
    assert (await handle.state()).status == TaskStatus.PENDING
    desk.states["t-1"] = TaskState(
        task_id="t-1", status=TaskStatus.SUCCEEDED, result="x", attempts=2
    )
    outcome = await handle.wait()
    assert isinstance(outcome, Succeeded)
    assert (outcome.value, outcome.attempts, handle.status) == ("x", 2, TaskStatus.SUCCEEDED)
    assert handle.outcome is outcome


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (TaskStatus.FAILED, "Failed(error=RemoteError('ValueError: bad')"),
        (TaskStatus.TIMED_OUT, "TimedOut(timeout=2.0"),
        (TaskStatus.CANCELLED, "Cancelled(reason='ValueError: bad'"),
    ],
)
async def test_a_handle_has_the_outcome_in_our_words(
    desk: Desk, status: TaskStatus, words: str
) -> None:
    handle = await sent(desk, task_id="t-1", timeout=2).submit()
    desk.states["t-1"] = TaskState(task_id="t-1", status=status, error="ValueError: bad")
    outcome = await handle.wait()
    assert repr(outcome).startswith(words)
    assert not isinstance(outcome, Failed) or isinstance(outcome.error, RemoteError)


async def test_a_handle_does_not_wait_for_ever_for_what_the_engine_has_forgotten(
    desk: Desk, clock: VirtualClock
) -> None:
    handle = await sent(desk, task_id="t-1").submit()
    await desk.cancel("t-1")

    async def wait() -> None:
        with pytest.raises(RemoteError, match=r"\(id t-1\) is not known to the engine 'desk'"):
            await handle.wait()

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await clock.advance(20)


async def test_a_handle_does_not_cancel_but_says_how(desk: Desk) -> None:
    handle = await sent(desk).submit()
    with pytest.raises(TypeError, match=r"write await engine\.cancel\(handle\.id\)"):
        handle.cancel()
    assert await desk.cancel(handle.id)
    assert (await desk.status(handle.id)).status == TaskStatus.UNKNOWN


async def test_awaiting_it_hands_it_over(desk: Desk) -> None:
    await sent(desk)()
    assert (desk.names, ran) == (["tests.dispatch.note"], [])


async def test_awaiting_it_logs_what_the_engine_says(desk: Desk, records: Records) -> None:
    desk.refusal = EngineUnavailable("the desk is closed")
    await sent(desk, task_id="t-1")()
    said, *more = [record.getMessage() for record in records()]
    assert said.startswith("task 'tests.dispatch.note to desk' (id t-1) failed on attempt 1 after")
    assert more == []


async def test_run_runs_it_here(desk: Desk) -> None:
    await sent(desk, "one").run()
    await BackgroundTasks([sent(desk, "two")]).run_all()
    await BackgroundTasks([sent(desk, "three")], max_concurrent=2).execute_all()
    assert ran == ["one", "two", "three"]
    await BackgroundTasks([sent(desk, "four")])(continue_on_error=False)
    assert (ran[3:], desk.messages) == (["four"], {})


async def test_a_pipeline_stops_here_as_well(desk: Desk) -> None:
    def fail() -> None:
        raise ValueError

    group = BackgroundTasks([BackgroundTask(fail), sent(desk)])
    with pytest.raises(TaskFailed):
        await group(continue_on_error=False)
    assert desk.messages == {}


@pytest.mark.parametrize("limit", [1, 2, None])
@pytest.mark.parametrize("delay", [None, 60.0])
async def test_in_a_group_it_is_handed_over_and_the_others_run(
    desk: Desk, limit: int | None, delay: float | None
) -> None:
    group = BackgroundTasks(max_concurrent=limit)
    group.add_task(ran.append, "first")
    group.add(sent(desk, delay=delay))
    group.add_task(ran.append, "last")
    with anyio.fail_after(5):
        await group()
    assert (sorted(ran), len(desk.messages)) == (["first", "last"], 1)


async def test_a_runner_sends_what_is_marked_and_runs_the_rest(desk: Desk) -> None:
    async with TaskRunner(engine=desk):
        assert isinstance(await BackgroundTask(note, "x").submit(), EngineHandle)
        handle = await BackgroundTask(ran.append, "here").submit()
        await handle.wait()
    assert (desk.names, ran) == (["tests.dispatch.note"], ["here"])


async def test_a_runner_says_where_submit_has_to_be_awaited(desk: Desk) -> None:
    async with TaskRunner(engine=desk) as runner:
        with pytest.raises(TypeError, match=r"engine 'desk', .* write `await task\.submit\(\)`"):
            runner.submit(BackgroundTask(note, "x"))
    async with TaskRunner() as runner:
        with pytest.raises(TypeError, match="goes to the engine 'desk'"):
            runner.submit(sent(desk))


@pytest.mark.parametrize("value", [3, "celery", object(), SQLiteStore])
def test_an_engine_is_one(value: Any) -> None:
    with pytest.raises(TypeError, match=r"engine= needs a store or an engine, got .*SQLiteStore"):
        TaskRunner(engine=value)
    built = BackgroundTask(note, "x")
    with pytest.raises(TypeError, match="engine= needs a store or an engine"):
        built.with_options(engine=value)


def test_a_priority_is_a_whole_number() -> None:
    built = BackgroundTask(note, "x")
    with pytest.raises(TypeError, match=r"priority=1\.5 must be a whole number"):
        built.with_options(priority=1.5)  # type: ignore[arg-type]


async def test_in_tests_it_goes_where_the_test_says(desk: Desk) -> None:
    with capture_tasks() as tasks:
        await sent(desk).submit()
        await sent(desk)()
    assert [recorded.args for recorded in tasks] == [("x",), ("x",)]
    with run_immediately():
        await sent(desk, "now").submit()
    assert (ran, desk.messages) == (["now"], {})


class Stored(Exchange):
    """A request whose desk writes into the same log."""

    def __init__(self, handler: Any) -> None:
        super().__init__(handler)
        self.desk = Desk()
        self.desk.log = self.log


async def test_it_is_stored_before_the_response_begins() -> None:
    async def handler(exchange: Exchange) -> None:
        assert isinstance(exchange, Stored)
        current_tasks().add(exchange.task("here"))
        current_tasks().add(sent(exchange.desk))
        await sent(exchange.desk)()
        await exchange.answer(202)

    stored = "stored tests.dispatch.note"
    assert await Stored(handler).run() == [
        stored,
        stored,
        "start",
        "body",
        "request ends",
        "here",
    ]


async def test_the_runners_engine_stores_before_the_response_too() -> None:
    async def handler(exchange: Exchange) -> None:
        current_tasks().add_task(note, "x")
        await exchange.answer(202)

    exchange = Stored(handler)
    log = await exchange.run(TaskRunner(engine=exchange.desk))
    assert log == ["stored tests.dispatch.note", "start", "body", "request ends"]
    assert ran == []


async def test_what_comes_after_the_response_has_begun_is_handed_over_then() -> None:
    async def handler(exchange: Exchange) -> None:
        assert isinstance(exchange, Stored)
        await exchange.answer()
        await sent(exchange.desk)()

    assert sorted(await Stored(handler).run()) == [
        "body",
        "request ends",
        "start",
        "stored tests.dispatch.note",
    ]


async def test_what_cannot_be_stored_is_answered_503(records: Records) -> None:
    statuses: list[int] = []
    bodies: list[bytes] = []

    async def handler(exchange: Exchange) -> None:
        assert isinstance(exchange, Stored)
        exchange.desk.refusal = EngineUnavailable("the desk is closed")
        current_tasks().add(sent(exchange.desk))
        current_tasks().add(exchange.task("here"))
        await exchange.answer(202)

    exchange = Stored(handler)
    original = exchange.serve

    async def serve(app: Any) -> None:
        async def watched(scope: Any, receive: Any, send: Any) -> None:
            async def send_on(message: Any) -> None:
                if "status" in message:
                    statuses.append(message["status"])
                bodies.append(message.get("body", b""))
                await send(message)

            await app(scope, receive, send_on)

        await original(watched)  # type: ignore[arg-type]

    exchange.serve = serve  # type: ignore[method-assign]
    log = await exchange.run()
    assert statuses == [503]
    assert bodies == [b"", b"The request could not be stored. Try again later.\n"]
    assert log[:2] == ["start", "body"]
    assert "here" in log
    assert records()[0].getMessage().startswith("answered 503, since a task could not be stored:")


@pytest.mark.parametrize("error", [EngineUnavailable, StoreUnusable])
async def test_what_was_refused_is_not_stored_after_the_answer(
    error: type[Exception], records: Records
) -> None:
    async def handler(exchange: Exchange) -> None:
        assert isinstance(exchange, Stored)
        exchange.desk.refusal = error("not now")
        current_tasks().add(exchange.task("here"))
        current_tasks().add(sent(exchange.desk))
        await sent(exchange.desk)()
        await exchange.answer(202)
        exchange.desk.refusal = None

    exchange = Stored(handler)
    assert sorted(await exchange.run()) == ["body", "here", "request ends", "start"]
    assert exchange.desk.messages == {}
    said = [record.getMessage() for record in records() if record.levelname == "ERROR"]
    assert said == ["answered 503, since a task could not be stored: not now"]


async def test_what_was_stored_before_another_was_refused_stays_and_is_not_stored_twice() -> None:
    async def handler(exchange: Exchange) -> None:
        assert isinstance(exchange, Stored)
        shut = Desk()
        shut.refusal = EngineUnavailable("not now")
        current_tasks().add(sent(exchange.desk))
        current_tasks().add(sent(shut))
        current_tasks().add(sent(exchange.desk))
        await exchange.answer(202)
        shut.refusal = None
        assert shut.messages == {}

    stored = "stored tests.dispatch.note"
    assert await Stored(handler).run() == [stored, "start", "body", "request ends"]


async def test_tasks_of_a_failed_request_that_are_dropped_are_not_stored() -> None:
    async def handler(exchange: Exchange) -> None:
        assert isinstance(exchange, Stored)
        current_tasks().add(sent(exchange.desk))
        await exchange.answer(500)

    assert await Stored(handler).run(on_error_response="drop") == ["start", "body", "request ends"]


async def test_a_full_runner_does_not_store_twice() -> None:
    async def handler(exchange: Exchange) -> None:
        assert isinstance(exchange, Stored)
        for _ in range(2):
            await BackgroundTask(anyio.sleep, 0).submit()
        current_tasks().add(sent(exchange.desk))
        current_tasks().add(exchange.task("here"))
        await sent(exchange.desk)()
        await exchange.answer(202)

    log = await Stored(handler).run(TaskRunner(max_pending=2, max_concurrent=1))
    assert log.count("stored tests.dispatch.note") == 2
    assert log.count("here") == 1
