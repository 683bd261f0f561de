"""postlude.testing: what tests of an application see, and what they make happen."""

from __future__ import annotations

import threading
import warnings
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import httpx
import pytest
from litestar import Litestar
from litestar import post as litestar_post
from litestar.testing import TestClient as LitestarClient
from postlude import (
    BackgroundTask,
    BackgroundTasks,
    Failed,
    PostludeMiddleware,
    QueueClosed,
    RetryPolicy,
    Succeeded,
    TaskQueue,
    TaskRunner,
    TaskStatus,
    TimedOut,
    Worker,
    WorkerPool,
    current_tasks,
)
from postlude.frameworks import litestar as for_litestar
from postlude.frameworks import starlette as for_starlette
from postlude.testing import VirtualClock, capture_tasks, run_immediately
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # which client library Starlette likes best
    from starlette.testclient import TestClient

ran: list[str] = []


def client_of(app: Any) -> Any:
    """Starlette's client, untyped without the library that it likes best."""
    return TestClient(app)


async def note(what: str) -> str:
    ran.append(what)
    return what


def note_in_thread(what: str) -> None:
    ran.append(what)


async def fail(words: str) -> None:
    ran.append(words)
    raise ValueError(words)


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    ran.clear()


def shop(runner: TaskRunner, queue: TaskQueue, *, broken: bool = False) -> Starlette:
    """An application that hands a task over in each way there is."""

    @for_starlette.after_response(BackgroundTask(note, "hung on the handler"))
    async def order(request: Request) -> JSONResponse:
        current_tasks().add_task(note, "the request's own")
        tasks = BackgroundTasks()
        first: Any = fail if broken else note
        tasks.add_task(first, "first of a group")
        tasks.add_task(note_in_thread, "second of a group")
        await tasks()
        await BackgroundTask(note, "submitted").submit()
        runner.submit(BackgroundTask(note, "given to the runner"))
        await queue.put(BackgroundTask(note, "put"))
        queue.put_nowait({"type": "note", "function": note, "args": ["put at once"]})
        attached = for_starlette.BackgroundTask(note, "hung on the response")
        return JSONResponse({"ran": len(ran)}, status_code=202, background=attached)

    return Starlette(routes=[Route("/orders", order, methods=["POST"])])


HANDED_OVER = [
    "submitted",
    "given to the runner",
    "put",
    "put at once",
    "the request's own",
    "first of a group",
    "second of a group",
    "hung on the handler",
    "hung on the response",
]


@pytest.mark.parametrize("with_lifespan", [True, False])
def test_all_ways_to_hand_over_are_captured_in_the_clients_other_thread(
    with_lifespan: bool,
) -> None:
    runner, queue = TaskRunner(), TaskQueue()
    client = client_of(PostludeMiddleware(shop(runner, queue), runner))
    with capture_tasks() as tasks:
        if with_lifespan:
            with client:
                response = client.post("/orders")
        else:
            response = client.post("/orders")
    assert response.json() == {"ran": 0}
    assert ran == []
    names = [task.args[0] for task in tasks]
    assert sorted(names) == sorted(HANDED_OVER)
    if with_lifespan:
        assert names == HANDED_OVER
    assert queue.size == 0


@pytest.mark.parametrize("with_lifespan", [True, False])
def test_all_ways_to_hand_over_run_before_the_client_has_the_response(with_lifespan: bool) -> None:
    runner, queue = TaskRunner(), TaskQueue()
    client = client_of(PostludeMiddleware(shop(runner, queue), runner))
    with run_immediately() as outcomes:
        if with_lifespan:
            with client:
                client.post("/orders")
                assert sorted(ran) == sorted(HANDED_OVER)
        else:
            client.post("/orders")
    assert sorted(ran) == sorted(HANDED_OVER)
    assert len(outcomes) == len(HANDED_OVER)
    assert all(isinstance(outcome, Succeeded) for outcome in outcomes)


def test_without_the_middleware_attached_tasks_are_captured_and_run_as_well() -> None:
    async def order(request: Request) -> JSONResponse:
        attached = for_starlette.BackgroundTask(note, "hung on the response")
        return JSONResponse({}, background=attached)

    client = client_of(Starlette(routes=[Route("/", order)]))
    with capture_tasks() as tasks:
        client.get("/")
    assert [task.args for task in tasks] == [("hung on the response",)]
    assert ran == []
    with run_immediately():
        client.get("/")
    assert ran == ["hung on the response"]


def test_litestars_client_in_its_own_thread_is_no_exception() -> None:
    @litestar_post("/", background=for_litestar.BackgroundTask(note, "hung on the handler"))
    async def order() -> dict[str, str]:
        return {}

    with LitestarClient(Litestar([order], logging_config=None)) as client:
        with capture_tasks() as tasks:
            client.post("/")
        assert [task.args for task in tasks] == [("hung on the handler",)]
        assert ran == []
        with run_immediately():
            client.post("/")
    assert ran == ["hung on the handler"]


def test_a_failure_spoils_neither_siblings_nor_response_and_is_raised_at_the_end() -> None:
    runner, queue = TaskRunner(), TaskQueue()
    app = PostludeMiddleware(shop(runner, queue, broken=True), runner)
    status = 0
    with (
        client_of(app) as client,
        pytest.raises(ValueError, match="first of a group"),
        run_immediately(),
    ):
        status = client.post("/orders").status_code
    assert status == 202
    assert sorted(ran) == sorted(HANDED_OVER)


def test_several_failures_are_raised_together() -> None:
    tasks = BackgroundTasks()
    tasks.add_task(fail, "one")
    tasks.add_task(fail, "two")
    with pytest.raises(ExceptionGroup, match="2 tasks failed") as caught, run_immediately():
        anyio.run(tasks)
    assert [str(error) for error in caught.value.exceptions] == ["one", "two"]


def test_a_timeout_is_a_failure_too() -> None:
    task = BackgroundTask(anyio.sleep, 60).with_options(timeout=0.01, name="nap")
    with (
        pytest.raises(TimeoutError, match=r"task 'nap' exceeded its 0\.01 s"),
        run_immediately() as outcomes,
    ):
        anyio.run(task)
    assert isinstance(outcomes[0], TimedOut)


def test_failures_can_be_looked_at_instead() -> None:
    with run_immediately(raise_errors=False) as outcomes:
        anyio.run(BackgroundTask(fail, "one"))
    assert isinstance(outcomes[0], Failed)


def test_the_error_of_the_block_itself_is_not_hidden() -> None:
    with pytest.raises(KeyError), run_immediately():  # noqa: PT012
        anyio.run(BackgroundTask(fail, "one"))
        raise KeyError


def test_retries_and_delays_take_no_time() -> None:
    calls: list[int] = []

    async def flaky() -> str:
        calls.append(1)
        if len(calls) < 4:
            raise OSError("busy")
        return "sent"

    policy = RetryPolicy(max_retries=5, initial_delay=3600, max_delay=3600)
    task = BackgroundTask(flaky).with_options(retry_policy=policy, delay=3600)
    with run_immediately() as outcomes:
        anyio.run(task)
    assert isinstance(outcomes[0], Succeeded)
    assert outcomes[0].attempts == 4


@pytest.mark.anyio
async def test_a_handle_has_its_outcome_at_once_and_is_found_by_its_id() -> None:
    queue = TaskQueue()
    with run_immediately():
        for handle in (
            await queue.put(BackgroundTask(note, "a")),
            queue.put_nowait(BackgroundTask(note, "b")),
            queue.put_nowait(BackgroundTask(note_in_thread, "c")),
        ):
            assert handle.status is TaskStatus.SUCCEEDED
            outcome = await handle.wait()
            assert outcome is handle.outcome
            found = queue.get(handle.id)
            assert found is not None
            assert found.outcome is outcome
    assert ran == ["a", "b", "c"]


@pytest.mark.anyio
async def test_a_captured_handle_stays_pending_is_found_and_is_not_waited_for() -> None:
    runner = TaskRunner()
    with capture_tasks():
        handle = runner.submit(BackgroundTask(note, "a"))
        assert handle.status == "pending"
        assert runner.get(handle.id) is not None
        with pytest.raises(RuntimeError, match="task 'note' was recorded by capture_tasks"):
            await handle.wait()
        other = await BackgroundTask(note, "b").submit()
        other.cancel()
        assert other.status == "cancelled"
    assert handle.status == "cancelled"
    assert "pending" not in repr(runner.get(handle.id))


def test_what_was_captured_is_not_remembered_for_ever() -> None:
    queue = TaskQueue()
    with capture_tasks():
        ids = [queue.put_nowait(BackgroundTask(note, "a")).id for _ in range(1001)]
    assert queue.get(ids[0]) is None
    assert queue.get(ids[-1]) is not None


@pytest.mark.anyio
async def test_a_captured_task_can_be_run_all_the_same() -> None:
    with capture_tasks() as tasks:
        await BackgroundTask(note, "a")()
        outcome = await tasks[0].run()
    assert isinstance(outcome, Succeeded)
    assert ran == ["a"]


@pytest.mark.anyio
async def test_who_wants_the_result_gets_it() -> None:
    tasks = BackgroundTasks()
    tasks.add_task(note, "a")
    with capture_tasks() as captured:
        await tasks.run_all()
        await tasks.execute_all()
        await tasks(continue_on_error=False)
    assert captured == []
    assert ran == ["a"] * 3


@pytest.mark.anyio
async def test_the_innermost_block_counts_and_nothing_stays_behind() -> None:
    task = BackgroundTask(note, "a")
    with capture_tasks() as outer:
        with run_immediately(), capture_tasks() as inner:
            await task()
        with run_immediately():
            await task()
        await task()
    await task()
    assert (inner, outer) == ([task], [task])
    assert ran == ["a", "a"]


@pytest.mark.anyio
async def test_a_closed_queue_refuses_in_tests_as_well() -> None:
    queue = TaskQueue()
    await queue.close()
    with capture_tasks() as tasks, pytest.raises(QueueClosed):
        await queue.put(BackgroundTask(note, "a"))
    assert tasks == []


@pytest.mark.anyio
async def test_the_clock_moves_retries_delays_and_rates() -> None:
    moments: list[tuple[str, float]] = []

    async def flaky() -> None:
        moments.append(("flaky", clock.now))
        raise OSError("busy")

    async def steady() -> None:
        moments.append(("steady", clock.now))

    policy = RetryPolicy(max_retries=1, initial_delay=10, jitter=0)
    queue = TaskQueue()
    with VirtualClock() as clock:
        async with WorkerPool(Worker(queue, "one", rate=(1, 2.0))):
            await queue.put(BackgroundTask(flaky).with_options(retry_policy=policy))
            await queue.put(BackgroundTask(steady))
            await queue.put(BackgroundTask(steady).with_options(delay=60))
            await clock.advance(timedelta(minutes=1))
            assert clock.now == 60
    assert moments == [("flaky", 0), ("steady", 2), ("flaky", 10), ("steady", 60)]


def test_the_clock_of_an_app_in_another_thread_is_moved_there() -> None:
    runner = TaskRunner()

    async def order(request: Request) -> JSONResponse:
        later = BackgroundTask(note, "later").with_options(delay=3600)
        return JSONResponse({"id": runner.submit(later).id})

    app = Starlette(routes=[Route("/", order)], lifespan=runner.lifespan)
    with VirtualClock() as clock, client_of(app) as client:
        client.get("/")
        assert ran == []
        assert client.portal is not None
        client.portal.call(clock.advance, 3600)
        assert ran == ["later"]


def test_the_clock_has_a_time_on_its_wall() -> None:
    start = datetime(2030, 5, 1, tzinfo=UTC)
    with VirtualClock(start) as clock:
        anyio.run(clock.advance, 90)
        assert clock.time == start + timedelta(seconds=90)
        assert repr(clock) == "<VirtualClock: 90 s>"
    with pytest.raises(ValueError, match="has no time zone"):
        VirtualClock(datetime(2030, 5, 1))


@pytest.mark.parametrize(
    ("amount", "error", "words"),
    [
        (-1, ValueError, r"advance\(-1\): time goes forward only"),
        (timedelta(-1), ValueError, "time goes forward only"),
        ("1", TypeError, r"advance\('1'\) takes seconds or a timedelta"),
    ],
)
def test_the_clock_moves_forward_by_seconds(
    amount: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        anyio.run(VirtualClock().advance, amount)


def test_an_async_task_given_to_a_runner_runs_although_its_loop_stands_still() -> None:
    threads: list[int] = []

    async def where() -> None:
        await anyio.lowlevel.checkpoint()
        threads.append(threading.get_ident())

    async def main() -> None:
        async with TaskRunner() as runner:
            runner.submit(BackgroundTask(where))
            assert len(threads) == 1

    with run_immediately():
        anyio.run(main)
    assert threads != [threading.get_ident()]


@pytest.mark.anyio
async def test_an_async_client_sees_the_same() -> None:
    runner, queue = TaskRunner(), TaskQueue()
    app = PostludeMiddleware(shop(runner, queue), runner)
    transport = httpx.ASGITransport(app)
    async with (
        runner,
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        with capture_tasks() as tasks:
            await client.post("/orders")
    assert [task.args[0] for task in tasks] == HANDED_OVER


def test_a_start_that_is_no_datetime_is_refused() -> None:
    start: Any = "2026-01-01"
    with pytest.raises(TypeError, match=r"start='2026-01-01' must be a datetime: write datetime"):
        VirtualClock(start)


def test_a_task_that_ends_the_program_ends_it_where_it_was_handed_over() -> None:
    def end() -> None:
        raise KeyboardInterrupt

    async def ends() -> None:
        end()

    runner = TaskRunner()
    with run_immediately(), pytest.raises(KeyboardInterrupt):
        runner.submit(BackgroundTask(ends))


@pytest.mark.anyio
async def test_a_task_is_run_or_recorded_where_no_runner_is_open() -> None:
    with run_immediately():
        handle = await BackgroundTask(note, "here").submit()
    assert isinstance(await handle.wait(), Succeeded)
    with capture_tasks() as tasks:
        await BackgroundTask(note, "recorded").submit()
    assert [task.name for task in tasks] == ["note"]
    assert ran == ["here"]


@pytest.mark.anyio
async def test_a_group_within_a_group_is_recorded_task_by_task() -> None:
    inner, outer = BackgroundTasks(), BackgroundTasks()
    inner.add_task(note, "first")
    outer.add_task(inner)
    outer.add_task(BackgroundTask(note, "second"))
    with capture_tasks() as tasks:
        await outer()
    assert [task.args for task in tasks] == [("first",), ("second",)]
    assert ran == []
