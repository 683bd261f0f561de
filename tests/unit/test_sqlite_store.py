"""A store in a file, from the outside."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest
from postlude import (
    Again,
    Cancelled,
    Claim,
    EngineUnavailable,
    Failed,
    Message,
    NotDispatchable,
    Outcome,
    SQLiteStore,
    Store,
    StoreUnusable,
    Succeeded,
    TaskStatus,
)
from postlude.queue import _sqlite_writer
from postlude.queue._sqlite_take import Take

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from postlude._clock import VirtualClock

pytestmark = pytest.mark.anyio


def message(task_id: str, *args: Any, **facts: Any) -> Message:
    given: dict[str, Any] = {"name": "t"} | facts
    return Message("t", args, id=task_id, **given)


def succeeded(value: Any = None) -> Outcome:
    return Succeeded(value=value, task_id="", name="t", attempts=1, duration=0.0)


async def settled(store: SQLiteStore, claim: Claim, outcome: Outcome | Again) -> bool:
    return [*await store.settle([(claim, outcome)])] == []


async def take(store: SQLiteStore, limit: int = 1, **facts: Any) -> Sequence[Claim]:
    given: dict[str, Any] = {"queue": "default"} | facts
    return await store.claim(worker="w", limit=limit, **given)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tasks.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(path) as store:
        yield store


def rows(path: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


async def test_it_is_a_store(path: Path) -> None:
    store = SQLiteStore(str(path), lease=timedelta(seconds=2))
    assert isinstance(store, Store)
    assert (store.name, store.lease, store.path) == ("sqlite", 2.0, path)
    assert repr(store) == f"<SQLiteStore {str(path)!r}>"
    assert files(path) == []


def files(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir())


async def test_the_first_use_opens_the_file_and_close_closes_it(path: Path) -> None:
    store = SQLiteStore(path)
    await store.submit(message("a"))
    assert "tasks.db-wal" in files(path)
    await store.close()
    assert files(path) == ["tasks.db"]
    assert await store.count(queue="default") == 1
    await store.close()
    await store.close()


async def test_the_last_who_leaves_closes_the_file(path: Path) -> None:
    store = SQLiteStore(path)
    async with store:
        async with store:
            await store.submit(message("a"))
        assert "tasks.db-wal" in files(path)
    assert files(path) == ["tasks.db"]


async def test_every_commit_waits_for_the_disk_unless_it_is_told_not_to(path: Path) -> None:
    for synchronous, level in (("FULL", 2), ("NORMAL", 1)):
        async with SQLiteStore(path, synchronous=synchronous) as store:
            hidden: Any = store
            connection = hidden._writer._file.connection()
            assert connection.execute("PRAGMA synchronous").fetchone() == (level,)
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_what_no_file_can_hold_is_not_found(store: SQLiteStore) -> None:
    await store.submit(message("a?"))
    for text in ("a\ud800", "a\0"):
        assert (await store.status(text)).status is TaskStatus.UNKNOWN
        assert not await store.cancel(text)
        assert await store.task(text) is None
        assert await store.count(queue=text) == 0
        assert await store.tasks(queue=text) == []
        assert await store.dead_letters(text) == []
        assert await store.claim(worker="w", queue=text) == []
        await store.wait(queue=text, patience=0.01)


@pytest.mark.parametrize("value", [5, None, b"a", object(), ["a"]])
async def test_what_is_no_text_is_refused_and_not_taken_for_a_fault_of_the_file(
    store: SQLiteStore, value: Any
) -> None:
    for ask in (store.status, store.cancel, store.task):
        with pytest.raises(TypeError, match=r"task_id=.* must be a string"):
            await ask(value)
    with pytest.raises(TypeError, match=r"queue=.* must be a string"):
        await store.claim(worker="w", queue=value)


@pytest.mark.parametrize(
    ("limit", "error"),
    [(0, ValueError), (-1, ValueError), (1.5, TypeError), (None, TypeError), (True, TypeError)],
)
async def test_a_limit_of_a_list_is_a_number_of_tasks(
    store: SQLiteStore, limit: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match="limit="):
        await store.tasks(limit=limit)
    assert await store.tasks(limit=10**30) == []


async def test_an_error_is_kept_whole_also_behind_a_null(store: SQLiteStore) -> None:
    await store.submit(message("1"))
    [claim] = await take(store)
    failed = Failed(error=ValueError("a\0b\ud800"), task_id="1", name="t", attempts=1, duration=0.1)
    await settled(store, claim, failed)
    (error,) = [letter.error for letter in await store.dead_letters()]
    assert error.startswith("ValueError: a\\0b")


async def test_a_relative_path_stays_the_same_file_in_another_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    async with SQLiteStore("tasks.db") as store:
        await store.submit(Message("tests.note", id="1", name="note"))
        monkeypatch.chdir("elsewhere")
        assert (await store.status("1")).status is TaskStatus.PENDING
        await store.close()
        assert (await store.status("1")).status is TaskStatus.PENDING
    assert not [*(tmp_path / "elsewhere").iterdir()]
    assert repr(store) == "<SQLiteStore 'tasks.db'>"


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"path": 7}, TypeError, "path=7 must be the path of a file, such as 'tasks.db'"),
        ({"path": b"a"}, TypeError, "must be the path of a file"),
        ({"path": " "}, ValueError, "path=' ' can be no file's: write it as in 'tasks.db'"),
        ({"path": "a\0b"}, ValueError, "can be no file's"),
        ({"path": ":memory:"}, ValueError, "path=':memory:' would keep nothing"),
        ({"lease": 0}, ValueError, "lease=0 must be more than 0 seconds"),
        ({"lease": 10**400}, ValueError, "lease=1000"),
        ({"timeout": "5"}, TypeError, "timeout='5' must be seconds or a timedelta"),
        ({"retention": -1}, ValueError, "retention=-1 must be more than 0 seconds"),
        ({"synchronous": "OFF"}, ValueError, "synchronous='OFF' must be 'FULL' or 'NORMAL'"),
        ({"max_crashes": 0}, ValueError, "max_crashes=0 must be 1 or more"),
        ({"max_crashes": 1.5}, TypeError, "max_crashes=1.5 must be a whole number"),
    ],
)
async def test_wrong_arguments_are_refused(
    options: dict[str, Any], error: type[Exception], words: str
) -> None:
    given: dict[str, Any] = {"path": "tasks.db"} | options
    with pytest.raises(error, match=words):
        SQLiteStore(**given)


@pytest.mark.parametrize("text", ["a\0b", "a\ud800"])
async def test_what_a_file_cannot_hold_is_refused_before_anything_is_stored(
    store: SQLiteStore, text: str
) -> None:
    for facts in (
        {"task_id": text},
        {"task_id": "a", "queue": text},
        {"task_id": "a", "name": text},
    ):
        with pytest.raises(NotDispatchable, match=r"cannot be stored|which is no text"):
            await store.submit(message(**facts))
    with pytest.raises(NotDispatchable, match="bytes on the wire"):
        await store.submit(message("a", "x" * 1_100_000))
    assert await store.counts() == dict.fromkeys([*TaskStatus][:-1], 0)


async def test_texts_of_any_script_and_priorities_of_any_size_come_back(
    store: SQLiteStore,
) -> None:
    put = [
        message("ä\n☃", "𝄞\0", name="名", queue="warteschlange-ü", priority=10**30),
        message("b", queue="warteschlange-ü", priority=-(10**30)),
    ]
    for one in put:
        await store.submit(one)
    claims = await take(store, 5, queue="warteschlange-ü")
    assert [claim.message for claim in claims] == put
    assert (await store.status("ä\n☃")).status == "running"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ((1, "ä\0"), [1, "ä\0"]),
        (0, 0),
        ({1: 2}, {"1": 2}),
        (float("nan"), None),
        (object(), None),
        ("x" * 1_048_577, None),
    ],
)
async def test_a_result_is_kept_if_json_can_write_it(
    store: SQLiteStore, value: Any, kept: Any
) -> None:
    await store.submit(message("a"))
    [claim] = await take(store)
    assert await settled(store, claim, succeeded(value))
    state = await store.status("a")
    assert (state.status, state.result) == ("succeeded", kept)


async def test_an_error_that_cannot_say_itself_is_stored_by_its_name(store: SQLiteStore) -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    await store.submit(message("a"))
    [claim] = await take(store)
    await settled(store, claim, Again(error=Mute(), delay=0.0, attempts=1))
    assert (await store.status("a")).error == "Mute"
    [claim] = await take(store)
    long = Failed(error=ValueError("x" * 20_000), task_id="", name="t", attempts=2, duration=0.0)
    await settled(store, claim, long)
    state = await store.status("a")
    assert len(state.error or "") == 10_000
    assert state.attempts == 2


async def test_attempts_count_lost_workers_as_well(path: Path, clock: VirtualClock) -> None:
    async with SQLiteStore(path, lease=10) as store:
        await store.submit(message("a"))
        await take(store)
        await clock.advance(11)
        [claim] = await take(store)
        assert (await store.status("a")).attempts == 2
        await settled(store, claim, Again(error=ValueError(), delay=0.0, attempts=1))
        state = await store.status("a")
        assert (state.attempts, state.status) == (2, "retrying")
        [claim] = await take(store)
        assert (claim.failures, claim.crashes) == (1, 1)
        await settled(store, claim, succeeded())
        assert (await store.status("a")).attempts == 2  # what the outcome says, and the crash


async def test_times_are_those_of_the_wall(path: Path, clock: VirtualClock) -> None:
    async with SQLiteStore(path) as store:
        await store.submit(message("a"))
        await clock.advance(1)
        [claim] = await take(store)
        await clock.advance(1)
        await settled(store, claim, succeeded())
        state = await store.status("a")
        start = datetime(2026, 1, 1, tzinfo=UTC)
        due = [start + timedelta(seconds=n) for n in range(3)]
        assert [state.enqueued_at, state.started_at, state.ended_at] == due


async def test_tasks_are_listed_by_status_and_queue_the_newest_first(
    store: SQLiteStore, path: Path
) -> None:
    for n in range(5):
        await store.submit(message(str(n), queue="a" if n % 2 else "b", priority=n))
    await store.submit(message("late", delay=1e300))
    await store.claim(worker="w7", queue="b", limit=1)
    assert [task.task_id for task in await store.tasks()] == ["late", "4", "3", "2", "1", "0"]
    assert [task.task_id for task in await store.tasks(queue="a", limit=1)] == ["3"]
    [running] = await store.tasks(status="running")
    assert (running.task_id, running.worker, running.priority) == ("4", "w7", 4)
    assert (running.name, running.queue, running.due_at) == ("t", "b", None)
    late = (await store.tasks(limit=1))[0]
    assert (late.due_at, late.status) == (datetime.max.replace(tzinfo=UTC), "pending")
    assert await store.tasks(status=TaskStatus.UNKNOWN) == []
    with pytest.raises(ValueError, match="'done' is not a valid TaskStatus"):
        await store.tasks(status="done")


async def test_counts_know_every_status(store: SQLiteStore) -> None:
    ends: list[Any] = [
        succeeded(),
        Failed(error=ValueError(), task_id="", name="t", attempts=1, duration=0.0),
        Cancelled(reason="", task_id="", name="t", attempts=1, duration=0.0),
        Again(error=ValueError(), delay=60.0, attempts=1),
        Again(error=ValueError(), delay=0.0, attempts=1),
    ]
    for n, end in enumerate(ends):
        await store.submit(message(str(n)))
        [claim] = await take(store)
        await settled(store, claim, end)
    await store.submit(message("waits", delay=60.0))
    await store.submit(message("other", queue="other"))
    await take(store, queue="other")
    counts = await store.counts()
    assert json.loads(json.dumps(counts)) == {
        "pending": 1,
        "running": 1,
        "retrying": 2,
        "succeeded": 1,
        "failed": 1,
        "timed_out": 0,
        "cancelled": 1,
    }
    assert sum((await store.counts(queue="other")).values()) == 1
    assert await store.count(queue="default") == 3
    for status, number in counts.items():
        assert len(await store.tasks(status=status)) == number


async def test_puts_at_one_time_share_commits(store: SQLiteStore, path: Path) -> None:
    before = await frames(store)
    await together([store.submit(message(str(n))) for n in range(300)])
    assert await store.count(queue="default") == 300
    # Each commit writes a page of the log at least; alone, 300 puts write more than 1500.
    assert await frames(store) - before < 400


async def frames(store: SQLiteStore) -> int:
    return store.path.with_name("tasks.db-wal").stat().st_size // 4096


async def together(awaitables: Sequence[Any]) -> None:
    async with anyio.create_task_group() as group:
        for awaitable in awaitables:
            group.start_soon(_await, awaitable)


async def _await(awaitable: Any) -> None:
    await awaitable


async def test_no_call_of_sqlite_is_made_on_the_event_loops_thread(path: Path) -> None:
    seen: list[str] = []

    def note(frame: Any, event: str, func: Any) -> None:
        owner = getattr(func, "__self__", None)
        if event == "c_call" and "sqlite3" in f"{type(owner).__module__}{func.__module__}":
            seen.append(func.__name__)

    sys.setprofile(note)
    try:
        sqlite3.connect(path.with_name("other.db")).close()
        assert seen == ["connect", "close"]
        seen.clear()
        async with SQLiteStore(path) as store:
            await store.submit(message("a"))
            await store.wait(queue="default", patience=5)
            [claim] = await take(store)
            await store.renew([claim])
            await settled(store, claim, succeeded())
            await store.status("a")
            await store.dead_letters()
    finally:
        sys.setprofile(None)
    assert seen == []


async def test_it_serves_several_event_loops_and_threads_at_once(store: SQLiteStore) -> None:
    def elsewhere(name: str) -> None:
        async def put() -> None:
            for n in range(20):
                await store.submit(message(f"{name}-{n}"))

        asyncio.run(put())

    async with anyio.create_task_group() as group:
        for name in "abc":
            group.start_soon(anyio.to_thread.run_sync, elsewhere, name)
        for n in range(20):
            await store.submit(message(f"here-{n}"))
    assert await store.count(queue="default") == 80


async def test_a_claim_that_is_cancelled_gives_back_what_it_took(store: SQLiteStore) -> None:
    for n in range(20):
        await store.submit(message(str(n)))
    for _ in range(20):
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(take, store, 5)
            await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
    await until(store, 20)
    claims = await take(store, 50)
    assert sorted(int(claim.message.id) for claim in claims) == [*range(20)]
    assert {(claim.failures, claim.crashes) for claim in claims} == {(0, 0)}


async def test_a_claim_whose_event_loop_has_ended_is_given_back(store: SQLiteStore) -> None:
    await store.submit(message("a"))
    hidden: Any = store
    gate = hidden._writer._gate

    def ask() -> None:
        loop = asyncio.new_event_loop()
        asked: Any = loop.create_task(a_claim(store))
        loop.call_later(0.05, loop.stop)
        loop.run_forever()
        asked._log_destroy_pending = False
        asked.get_coro().close()
        loop.close()

    def ask_and_die() -> None:
        with gate:
            thread = threading.Thread(target=ask)
            thread.start()
            thread.join()

    await anyio.to_thread.run_sync(ask_and_die)
    await until(store, 1)


async def a_claim(store: SQLiteStore) -> None:
    await take(store)


async def until(store: SQLiteStore, count: int) -> None:
    with anyio.fail_after(5):
        while await store.count(queue="default") != count:
            await store.wait(queue="none", patience=0.005)


async def test_who_waits_hears_when_the_store_is_closed(path: Path) -> None:
    store = SQLiteStore(path)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(wait, store)
            await store.count(queue="default")
            await store.close()


async def wait(store: SQLiteStore) -> None:
    await store.wait(queue="default", patience=60)


async def test_what_another_process_puts_is_noticed_within_a_twentieth_of_a_second(
    store: SQLiteStore, path: Path
) -> None:
    async with SQLiteStore(path) as other:
        late: list[float] = []
        for n in range(10):
            begun: list[float] = []
            async with anyio.create_task_group() as group:
                group.start_soon(wait, store)
                await anyio.sleep(0.001 * n)
                await other.submit(message(str(n)))
                begun.append(anyio.current_time())
            late.append(anyio.current_time() - begun[0])
            await take(store)
        assert min(late) < 0.05


async def test_waiting_for_types_is_not_ended_by_others(store: SQLiteStore) -> None:
    await store.submit(message("a", name="image"))
    with anyio.move_on_after(0.1) as scope:
        await store.wait(queue="default", types={"email"}, patience=60)
    assert scope.cancelled_caught
    with anyio.fail_after(5):
        await store.wait(queue="default", types={"email", "image"}, patience=60)


async def test_nothing_is_asked_of_the_file_for_no_claims(path: Path) -> None:
    store = SQLiteStore(path)
    assert await store.renew([]) == []
    await store.release([])
    assert files(path) == []


async def test_a_claim_of_another_store_is_lost(store: SQLiteStore) -> None:
    for token in ("7.1", "no token", "1.x"):
        claim = Claim(message=message("a"), failures=0, crashes=0, token=token)
        assert not await settled(store, claim, succeeded())
        assert await store.renew([claim]) == [claim]


async def test_many_outcomes_at_once_tell_each_claim_whether_it_was_lost(
    store: SQLiteStore,
) -> None:
    for n in range(6):
        await store.submit(message(str(n)))
    claims = await take(store, 6)
    await store.release([claims[2]])
    noted: dict[str, bool] = {}

    async def settle(claim: Claim) -> None:
        noted[claim.message.id] = await settled(store, claim, succeeded())

    await together([settle(claim) for claim in claims])
    assert noted == {str(n): n != 2 for n in range(6)}


async def test_of_claims_that_are_settled_together_the_lost_ones_are_named(
    store: SQLiteStore,
) -> None:
    for n in range(4):
        await store.submit(message(str(n)))
    claims = await take(store, 4)
    await store.release([claims[1]])
    assert await store.settle([]) == []
    assert await store.settle([(claim, succeeded()) for claim in claims]) == [claims[1]]
    assert (await store.counts())[TaskStatus.SUCCEEDED] == 3


async def test_a_result_that_somebody_else_has_broken_is_none(
    store: SQLiteStore, path: Path
) -> None:
    await store.submit(message("a"))
    [claim] = await take(store)
    await settled(store, claim, succeeded("good"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE tasks SET result = 'no json'")
    state = await store.status("a")
    assert (state.status, state.result) == ("succeeded", None)


async def test_a_task_can_be_looked_at_with_its_arguments(store: SQLiteStore) -> None:
    await store.submit(message("a", 7))
    task = await store.task("a")
    assert task is not None
    assert task.message == message("a", 7)
    assert await store.task("b") is None


async def test_who_waits_hears_that_the_file_cannot_be_read(store: SQLiteStore, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE tasks")
    with pytest.raises(StoreUnusable), anyio.fail_after(5):
        await store.wait(queue="default", patience=60)


async def test_a_store_that_could_not_be_opened_leaves_nothing_behind(path: Path) -> None:
    store = SQLiteStore(path.parent)
    for _ in range(2):
        with pytest.raises(EngineUnavailable):
            async with store:
                pass
    # Its thread has ended as well: no test may leave one.


async def test_more_than_fits_into_one_commit_is_stored_in_several(
    store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_sqlite_writer, "MOST", 3)
    await together([store.submit(message(str(n))) for n in range(20)])
    monkeypatch.setattr(_sqlite_writer, "MOST_BYTES", 1)
    monkeypatch.setattr(_sqlite_writer, "MOST", 1000)
    await together([store.submit(message(str(n))) for n in range(40)])
    assert await store.count(queue="default") == 40


async def test_what_is_sent_while_the_store_is_closed_goes_to_the_next_thread(
    store: SQLiteStore,
) -> None:
    await store.submit(message("a"))
    hidden: Any = store
    closed = hidden._writer
    await store.close()
    await closed.stop()  # once more, as from another thread

    class Closing:
        def send(self, order: Any) -> bool:
            hidden._writer = later
            return bool(closed.send(order))

    later, hidden._writer = hidden._writer, Closing()
    assert await store.count(queue="default") == 1


async def test_a_claim_that_nobody_waits_for_any_more_is_given_back_at_once(
    store: SQLiteStore,
) -> None:
    await store.submit(message("a"))
    hidden: Any = store
    order = Take(hidden._terms, worker="w", queue="default", types=None, limit=1)
    order.bind()
    hidden._writer.send(order)
    await order.wait()
    assert (await store.status("a")).status == "running"
    hidden._writer.abandon(order)
    await until(store, 1)


async def test_a_put_that_is_cancelled_is_stored_or_not_and_nothing_else_suffers(
    store: SQLiteStore,
) -> None:
    for n in range(20):
        async with anyio.create_task_group() as group:
            group.start_soon(store.submit, message(str(n)))
            await anyio.lowlevel.checkpoint()
            await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
    await store.submit(message("last"))
    assert 1 <= await store.count(queue="default") <= 21
