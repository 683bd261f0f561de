"""A queue whose tasks a store keeps, and the workers that serve it."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from postlude import (
    BackgroundTask,
    EngineHandle,
    EngineUnavailable,
    Failed,
    Message,
    NotDispatchable,
    QueueClosed,
    RetryPolicy,
    SQLiteStore,
    Succeeded,
    TaskQueue,
    TaskStatus,
    Worker,
    WorkerPool,
    task,
)
from postlude.testing import MemoryStore, capture_tasks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection
    from pathlib import Path

    from postlude import Claim

    Records = Callable[[], list[logging.LogRecord]]

pytestmark = pytest.mark.anyio
ran: list[object] = []
begun = threading.Event()
go_on = threading.Event()


@task(name="tests.stored.note")
async def note(word: object) -> object:
    ran.append(word)
    return word


@task(name="tests.stored.flaky", retry_policy=RetryPolicy(max_retries=2, initial_delay=0.01))
def flaky() -> str:
    ran.append("attempt")
    if len(ran) < 3:
        raise OSError("busy")
    return "done"


@task(name="tests.stored.fail")
def fail() -> None:
    raise ValueError("bad address")


@task(name="tests.stored.linger")
async def linger() -> None:
    ran.append("began")
    begun.set()
    await anyio.sleep(60)


@task(name="tests.stored.block")
async def block() -> str:
    ran.append("began")
    begun.set()
    go_on.wait(10)
    return "done"


@task(name="tests.stored.hold")
def hold() -> None:
    begun.set()
    go_on.wait(10)


def unmarked() -> None: ...


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    ran.clear()
    begun.clear()
    go_on.clear()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "tasks.db") as opened:
        yield opened


async def served(queue: TaskQueue, **options: Any) -> None:
    """Serve until nothing is due."""
    await queue.close()
    with anyio.fail_after(20):
        await Worker(queue, "worker-1", **options).run()


async def until(condition: Callable[[], object]) -> None:
    with anyio.fail_after(20):
        while not condition():  # noqa: ASYNC110  (what changes it is another thread)
            await anyio.sleep(0.005)


async def test_what_was_put_runs_and_its_handle_knows(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    handle = await queue.put(BackgroundTask(note, "x"))
    assert isinstance(handle, EngineHandle)
    assert (handle.status, ran) == (TaskStatus.PENDING, [])
    await served(queue)
    outcome = await handle.wait()
    assert isinstance(outcome, Succeeded)
    assert (outcome.value, outcome.attempts, ran) == ("x", 1, ["x"])


async def test_priority_then_age_decides(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    await queue.put(BackgroundTask(note, 1))
    await queue.put(BackgroundTask(note, 2).with_options(priority=7))
    await queue.put(BackgroundTask(note, 3), priority=9)
    await queue.put(BackgroundTask(note, 4))
    await served(queue)
    assert ran == [3, 2, 1, 4]


async def test_workers_choose_by_type(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    await queue.put({"type": "image", "function": note, "args": ["image"]})
    await queue.put({"type": "email", "function": note, "args": ["email"]})
    await served(queue, types={"email"})
    assert ran == ["email"]
    assert await store.count(queue="default") == 1


async def test_queues_of_one_store_are_apart(store: SQLiteStore) -> None:
    first, second = TaskQueue(name="first", store=store), TaskQueue(name="second", store=store)
    await first.put(BackgroundTask(note, "first"))
    await second.put(BackgroundTask(note, "second"))
    await served(second)
    assert ran == ["second"]


async def test_with_options_puts_into_the_queue_it_names(store: SQLiteStore) -> None:
    built = BackgroundTask(note, "x").with_options(engine=store, queue="emails")
    await built.submit()
    await served(TaskQueue(name="emails", store=store))
    assert ran == ["x"]


async def test_a_retry_goes_through_the_store(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    async with WorkerPool(Worker(queue, "worker-1")):
        outcome = await (await queue.put(BackgroundTask(flaky))).wait()
    assert isinstance(outcome, Succeeded)
    assert (outcome.value, outcome.attempts) == ("done", 3)


async def test_what_fails_for_good_is_a_dead_letter(store: SQLiteStore, records: Records) -> None:
    queue = TaskQueue(store=store)
    handle = await queue.put(BackgroundTask(fail))
    await served(queue)
    outcome = await handle.wait()
    assert isinstance(outcome, Failed)
    assert str(outcome.error) == "ValueError: bad address"
    [letter] = await store.dead_letters()
    assert (letter.name, letter.error) == ("tests.stored.fail", "ValueError: bad address")
    assert [record.levelname for record in records()] == ["ERROR"]


async def test_a_message_that_no_function_fits_is_a_dead_letter_and_the_others_run(
    store: SQLiteStore, records: Records
) -> None:
    queue = TaskQueue(store=store)
    await store.submit(Message("tests.stored.nobody", id="1", name="nobody"))
    await store.submit(Message("tests.stored.note", ("x", "y"), id="2", name="note"))
    await queue.put(BackgroundTask(note, "good"))
    await served(queue)
    assert ran == ["good"]
    assert [letter.task_id for letter in await store.dead_letters()] == ["1", "2"]
    assert all("was sent what it cannot run" in record.getMessage() for record in records())


async def test_what_is_due_later_waits_in_the_store(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    await queue.put(BackgroundTask(note, "later").with_options(delay=3600))
    await served(queue)
    assert (ran, await store.count(queue="default")) == ([], 1)


async def test_many_run_at_a_time(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    for _ in range(3):
        await queue.put(BackgroundTask(linger))
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "worker-1", concurrency=3).run)
        await until(lambda: len(ran) == 3)
        group.cancel_scope.cancel()
    assert ran == ["began"] * 3


async def test_the_rate_holds(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    for number in range(3):
        await queue.put(BackgroundTask(note, number))
    since = time.monotonic()
    await served(queue, rate=(1, 0.2))
    assert time.monotonic() - since >= 0.4
    assert ran == [0, 1, 2]


async def test_a_pool_that_ends_gives_back_what_it_cuts_off(
    store: SQLiteStore, records: Records
) -> None:
    queue = TaskQueue(store=store)
    handle = await queue.put(BackgroundTask(linger).with_options(task_id="t-1"))
    await queue.put(BackgroundTask(note, "not begun"))
    async with WorkerPool(Worker(queue, "worker-1"), drain_timeout=0.05) as pool:
        await until(begun.is_set)
        report = await pool.drain()
    assert [(lost.name, lost.task_id) for lost in report.unfinished] == [
        ("tests.stored.linger", "t-1")
    ]
    assert ran == ["began"]
    state = await store.status(handle.id)
    assert (state.status, state.attempts) == (TaskStatus.PENDING, 0)
    assert await store.count(queue="default") == 2
    said = [record.getMessage() for record in records() if record.levelno == logging.WARNING]
    assert said[0].startswith("task 'tests.stored.linger' (id t-1) was cut off on attempt 1 after")
    assert "and goes back to its store: the drain timeout of 0.05 s was over" in said[0]


async def test_a_pool_that_ends_lets_what_runs_finish(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    handle = await queue.put(BackgroundTask(block))
    threading.Timer(0.2, go_on.set).start()
    async with WorkerPool(Worker(queue, "worker-1")):
        await until(begun.is_set)
    assert (await store.status(handle.id)).status == TaskStatus.SUCCEEDED


async def test_a_worker_that_is_cancelled_gives_back_too(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    await queue.put(BackgroundTask(linger))
    async with anyio.create_task_group() as group:
        group.start_soon(Worker(queue, "worker-1").run)
        await until(begun.is_set)
        group.cancel_scope.cancel()
    assert await store.count(queue="default") == 1


async def test_a_task_that_blocks_the_event_loop_keeps_its_claim(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "tasks.db", lease=0.3) as store:
        queue = TaskQueue(store=store)
        handle = await queue.put(BackgroundTask(block))
        threading.Timer(1.0, go_on.set).start()
        async with WorkerPool(Worker(queue, "worker-1"), Worker(queue, "worker-2")):
            outcome = await handle.wait()
    assert isinstance(outcome, Succeeded)
    assert (outcome.value, outcome.attempts, ran) == ("done", 1, ["began"])


async def test_a_claim_that_was_lost_is_cut_off_and_says_nothing(
    tmp_path: Path, records: Records
) -> None:
    async with SQLiteStore(tmp_path / "tasks.db", lease=0.3) as store:
        queue = TaskQueue(store=store)
        handle = await queue.put(BackgroundTask(linger))
        async with WorkerPool(Worker(queue, "worker-1")):
            await until(begun.is_set)
            steal(store.path)
            await until(lambda: any("another worker" in one.getMessage() for one in records()))
        [state] = await store.tasks(status="running")
    assert (state.task_id, state.worker) == (handle.id, "thief")


def steal(path: Path) -> None:
    """Let another worker have all tasks, for long."""
    change(path, "UPDATE tasks SET claims = claims + 1, worker = 'thief', leased_until = 1e12")


def change(path: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(path, timeout=5)) as connection, connection:
        connection.execute(statement)


async def test_a_suspect_that_another_worker_has_by_now_does_not_begin(
    store: SQLiteStore, records: Records
) -> None:
    queue = TaskQueue(store=store)
    await queue.put(BackgroundTask(hold))
    suspect = await queue.put(BackgroundTask(note, "x"))
    change(store.path, "UPDATE tasks SET crashes = 1 WHERE seq = 2")
    async with WorkerPool(Worker(queue, "worker-1", concurrency=2)):
        await until(begun.is_set)
        await is_running(store, suspect.id)
        change(store.path, "UPDATE tasks SET claims = claims + 1, worker = 'thief' WHERE crashes")
        go_on.set()
        await until(lambda: any("another worker" in one.getMessage() for one in records()))
    assert ran == []
    [state] = await store.tasks(status="running")
    assert (state.task_id, state.worker, state.started_at) == (suspect.id, "thief", None)


async def is_running(store: SQLiteStore, task_id: str) -> None:
    with anyio.fail_after(20):
        while (await store.status(task_id)).status != TaskStatus.RUNNING:  # noqa: ASYNC110
            await anyio.sleep(0.005)


async def test_a_suspect_begins_once_the_store_knows(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Busy(MemoryStore):
        asked = 0

        async def begin(self, claims: Collection[Claim]) -> Collection[Claim]:
            self.asked += 1
            if self.asked < 3:
                raise EngineUnavailable("it is busy")
            assert ran == []
            return await super().begin(claims)

    monkeypatch.setattr("postlude.queue._stored_shift.PATIENCE", 0.02)
    store = Busy(lease=0.2)
    queue = TaskQueue(store=store)
    handle = await queue.put(BackgroundTask(note, "x"))
    assert await store.claim(worker="lost", queue="default")
    async with WorkerPool(Worker(queue, "worker-1")):
        assert isinstance(await handle.wait(), Succeeded)
    assert (ran, store.asked) == (["x"], 3)
    lines = [one.getMessage() for one in records()]
    assert lines == ["a store cannot be told what runs: it is busy"] * 2


async def test_a_queue_that_is_closed_stores_nothing(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store, name="emails")
    await queue.close()
    with pytest.raises(QueueClosed, match="'emails'"):
        await queue.put(BackgroundTask(note, "late"))
    assert await store.count(queue="emails") == 0


async def test_what_cannot_be_stored_is_refused(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    with pytest.raises(NotDispatchable, match="write @task above"):
        await queue.put(BackgroundTask(unmarked))
    with pytest.raises(NotDispatchable, match="of type 'object'"):
        await queue.put(BackgroundTask(note, object()))


async def test_what_names_another_place_is_refused(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    other = BackgroundTask(note, 1).with_options(engine=SQLiteStore("other.db"))
    with pytest.raises(ValueError, match="goes to the engine 'sqlite', not to queue 'default'"):
        await queue.put(other)
    with pytest.raises(ValueError, match="goes to queue 'high', not to queue 'default'"):
        await queue.put(BackgroundTask(note, 1).with_options(queue="high"))
    await queue.put(BackgroundTask(note, 1).with_options(engine=store, queue="default"))
    assert await store.count(queue="default") == 1


async def test_put_waits_for_room(store: SQLiteStore) -> None:
    queue = TaskQueue(2, store=store)
    await queue.put(BackgroundTask(note, 1))
    await queue.put(BackgroundTask(note, 2))
    put = anyio.Event()

    async def put_third() -> None:
        await queue.put(BackgroundTask(note, 3))
        put.set()

    async with anyio.create_task_group() as group:
        group.start_soon(put_third)
        await anyio.sleep(0.2)
        assert not put.is_set()
        async with WorkerPool(Worker(TaskQueue(store=store), "worker-1")):
            await until(put.is_set)


async def test_join_waits_until_nothing_is_left(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    for number in range(20):
        await queue.put(BackgroundTask(note, number))
    async with WorkerPool(Worker(queue, "worker-1")):
        await queue.join()
    assert len(ran) == 20


async def test_a_lease_may_be_longer_than_a_thread_can_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[object] = []
    monkeypatch.setattr(threading, "excepthook", errors.append)
    async with SQLiteStore(tmp_path / "tasks.db", lease=1e12) as store:
        queue = TaskQueue(store=store)
        await queue.put(BackgroundTask(note, 1))
        await served(queue)
    assert (ran, errors) == ([1], [])


@task(name="tests.stored.exit")
async def leave() -> None:
    ran.append("began")
    raise SystemExit(3)


def test_a_task_that_exits_costs_its_workers_and_then_has_failed(tmp_path: Path) -> None:
    async def serve() -> None:
        async with SQLiteStore(tmp_path / "tasks.db", lease=0.5, max_crashes=2) as store:
            await BackgroundTask(leave).with_options(engine=store, task_id="1").submit()
            async with WorkerPool(Worker(TaskQueue(store=store), "worker-1")):
                with anyio.fail_after(20):
                    while not await store.dead_letters():  # noqa: ASYNC110  (a worker buries it)
                        await anyio.sleep(0.01)

    for _ in range(2):
        with pytest.raises(SystemExit):
            anyio.run(serve)
    anyio.run(serve)
    assert ran == ["began", "began"]


@task(name="tests.stored.late", retry_policy=RetryPolicy(max_retries=1, initial_delay=0.01))
def fail_late() -> None:
    ran.append("attempt")
    begun.set()
    go_on.wait(10)
    if len(ran) < 2:
        raise OSError("busy")


async def test_join_waits_for_a_retry_of_which_the_store_has_not_heard(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    async with WorkerPool(Worker(queue, "worker-1")):
        handle = await queue.put(BackgroundTask(fail_late))
        await until(begun.is_set)
        with contextlib.closing(sqlite3.connect(store.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # who reads does not notice
            go_on.set()
            await until(lambda: not queue.items())
            with anyio.move_on_after(0.2) as scope:
                await queue.join()
            assert scope.cancelled_caught
        with anyio.fail_after(20):
            await queue.join()
        assert (await store.status(handle.id)).status is TaskStatus.SUCCEEDED
    assert len(ran) == 2


@task(name="tests.stored.linger_once")
async def linger_once() -> None:
    ran.append("began")
    if len(ran) < 2:
        begun.set()
        await anyio.sleep(60)


async def test_join_waits_for_what_goes_back_to_the_store(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    await queue.put(BackgroundTask(linger_once))
    ended = anyio.Event()

    async def join() -> None:
        await queue.join()
        ended.set()

    async with anyio.create_task_group() as group:
        async with anyio.create_task_group() as serving:
            serving.start_soon(Worker(queue, "worker-1").run)
            await until(begun.is_set)
            group.start_soon(join)
            await anyio.wait_all_tasks_blocked()
            serving.cancel_scope.cancel()
        await anyio.sleep(0.1)
        assert not ended.is_set()
        await served(TaskQueue(store=store))
        with anyio.fail_after(20):
            await ended.wait()


async def test_who_waits_for_room_hears_that_the_queue_was_closed(store: SQLiteStore) -> None:
    queue = TaskQueue(max_size=1, store=store)
    await queue.put(BackgroundTask(note, 1))
    errors: list[Exception] = []

    async def put() -> None:
        try:
            await queue.put(BackgroundTask(note, 2))
        except QueueClosed as error:
            errors.append(error)

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            group.start_soon(put)
            await anyio.wait_all_tasks_blocked()
            await queue.close()
    assert len(errors) == 1
    assert await store.count(queue="default") == 1


async def test_what_cannot_be_asked_at_once_says_what_to_await(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    with pytest.raises(TypeError, match=r"write `await queue\.put\(\.\.\.\)`"):
        queue.put_nowait(BackgroundTask(note, 1))
    with pytest.raises(TypeError, match=r"write `await store\.count\(queue=queue\.name\)`"):
        _ = queue.size
    with pytest.raises(TypeError, match=r"write `await store\.count\(queue=queue\.name\)`"):
        _ = queue.waiting
    with pytest.raises(TypeError, match=r"write `await store\.status\(task_id\)`"):
        queue.get("1")
    assert repr(queue).startswith("<TaskQueue 'default' in <SQLiteStore ")


@pytest.mark.parametrize("value", [3, "tasks.db", object(), SQLiteStore])
def test_a_store_is_one(value: Any) -> None:
    with pytest.raises(TypeError, match=r"store= needs a store, .* write store=SQLiteStore"):
        TaskQueue(store=value)


async def test_tests_record_what_is_put(store: SQLiteStore) -> None:
    queue = TaskQueue(store=store)
    with capture_tasks() as tasks:
        await queue.put(BackgroundTask(note, "x"))
    assert [recorded.args for recorded in tasks] == [("x",)]
    assert await store.count(queue="default") == 0


async def test_a_store_that_fails_meanwhile_is_asked_again(
    tmp_path: Path, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("postlude.queue._stored_shift.PATIENCE", 0.02)
    folder = tmp_path / "data"
    folder.mkdir()
    async with SQLiteStore(folder / "tasks.db", timeout=0.1) as store:
        queue = TaskQueue(store=store)
        async with WorkerPool(Worker(queue, "worker-1")):
            folder.rename(tmp_path / "gone")
            await until(lambda: any("cannot claim" in one.getMessage() for one in records()))
            with pytest.raises(EngineUnavailable):
                await queue.put(BackgroundTask(note, "x"))
            (tmp_path / "gone").rename(folder)
            await queue.put(BackgroundTask(note, "x"))
            await until(lambda: ran == ["x"])
