"""How tasks are given away, and what is tidied up on the way."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from postlude import Claim, Failed, Message, SQLiteStore, Succeeded
from postlude._clock import VirtualClock
from postlude.queue import _sqlite_take

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tasks.db"


def message(task_id: str, **facts: Any) -> Message:
    given: dict[str, Any] = {"name": "t"} | facts
    return Message("t", id=task_id, **given)


def outcome(error: Exception | None = None) -> Any:
    facts: dict[str, Any] = {"task_id": "", "name": "t", "attempts": 1, "duration": 0.0}
    return Failed(error=error, **facts) if error else Succeeded(value=None, **facts)


async def take(store: SQLiteStore, limit: int = 10, **facts: Any) -> list[Claim]:
    return [*await store.claim(worker="w", queue="default", limit=limit, **facts)]


def change(path: Path, statement: str, *values: Any) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


def plan(path: Path, statement: str) -> str:
    with closing(sqlite3.connect(path)) as connection:
        names = ["worker", "steady", "until", "wall", "queue", "types", "limit", "before", "most"]
        values: dict[str, Any] = dict.fromkeys(names, 1) | {"types": '["a"]'}
        rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    return "\n".join(row[3] for row in rows)


async def test_claims_and_what_is_tidied_are_found_by_an_index(path: Path) -> None:
    async with SQLiteStore(path):
        pass
    assert "USING INDEX ready (queue=?)" in plan(path, _sqlite_take.CLAIM)
    by_type = plan(path, _sqlite_take.CLAIM_TYPES)
    assert "USING INDEX ready_by_name (queue=? AND name=?)" in by_type
    for statement in (_sqlite_take.CLAIM, _sqlite_take.CLAIM_TYPES):
        assert "USE TEMP B-TREE FOR LAST" not in plan(path, statement)
    for statement in (_sqlite_take.LOSE, _sqlite_take.RIPEN, _sqlite_take.FORGET):
        assert "USING INDEX" in plan(path, statement)
        assert "SCAN tasks\n" not in plan(path, statement) + "\n"


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("message", "no json", "MessageRefused: a message that is no JSON"),
        ("message", b"\xff\xfe\xfd", "MessageRefused: a message that is no JSON"),
        ("message", 7, "MessageRefused: a message without 'v'"),
        ("message", '{"v": 9}', "MessageRefused: a message of version 9"),
        ("message", '{"v": 1, "task": "t", "id": "b", "name": "t", "args": 7}', "of type 'int'"),
        ("message", '{"v": 1, "task": "t", "id": "x", "name": "t"}', "of task 'x' in place of 'b'"),
        ("failures", "many", "a task with 'many' failures"),
        ("priority", "high", None),
    ],
)
async def test_a_row_that_is_no_task_becomes_a_dead_letter_and_stops_no_other(
    path: Path, column: str, value: Any, words: str | None
) -> None:
    async with SQLiteStore(path) as store:
        for task_id in "abc":
            await store.submit(message(task_id))
        change(path, f"UPDATE tasks SET {column} = ? WHERE id = 'b'", value)
        claims = await take(store, 2)
        if words is None:  # a text is more than any number
            assert {claim.message.id for claim in claims} == {"a", "b"}
            return
        assert [claim.message.id for claim in claims] == ["a", "c"]
        [letter] = await store.dead_letters()
        assert words.removeprefix("MessageRefused: a message without 'v'") in letter.error
        assert letter.error.startswith("MessageRefused: ")
        assert (letter.task_id, letter.status) == ("b", "failed")
        assert (letter.message is None) is (column == "message" and "in place" not in words)
        assert (await store.status("b")).status == "failed"


async def test_bytes_that_are_no_text_hide_no_other_task(path: Path) -> None:
    async with SQLiteStore(path) as store:
        for task_id in "ab":
            await store.submit(message(task_id))
        change(path, "UPDATE tasks SET name = CAST(x'ff41' AS TEXT) WHERE id = 'b'")
        assert [task.name for task in await store.tasks()] == ["\ufffdA", "t"]


async def test_a_task_that_nobody_knows_is_a_dead_letter_when_its_worker_says_so(
    path: Path,
) -> None:
    async with SQLiteStore(path) as store:
        await store.submit(message("a"))
        [claim] = await take(store)
        with pytest.raises(ValueError, match="is not known here") as caught:
            claim.message.call()
        await store.settle([(claim, outcome(caught.value))])
        [letter] = await store.dead_letters()
        assert letter.error.startswith("MessageRefused: task 't' is not known here")


async def test_the_wall_clock_may_be_set_without_losing_a_lease_or_holding_up_a_task(
    path: Path, clock: VirtualClock
) -> None:
    async with SQLiteStore(path, lease=10) as store:
        await store.submit(message("a"))
        await store.submit(message("b"))
        [a] = await take(store, 1)
        clock.set_wall(datetime(2036, 1, 1, tzinfo=UTC))
        assert [claim.message.id for claim in await take(store)] == ["b"]
        assert await store.renew([a]) == []
        clock.set_wall(datetime(2016, 1, 1, tzinfo=UTC))
        await store.submit(message("c"))
        assert [claim.message.id for claim in await take(store)] == ["c"]
        await clock.advance(11)
        assert len(await take(store)) == 3


async def test_a_lease_from_before_the_computer_was_started_anew_has_ended(path: Path) -> None:
    with VirtualClock() as clock:
        await clock.advance(1_000_000)
        async with SQLiteStore(path) as store:
            await store.submit(message("a"))
            assert len(await take(store)) == 1
            assert await take(store) == []
    with VirtualClock():
        async with SQLiteStore(path) as store:
            [claim] = await take(store)
            assert claim.crashes == 1


async def test_a_delay_survives_a_new_start_of_the_computer(path: Path) -> None:
    with VirtualClock() as clock:
        async with SQLiteStore(path) as store:
            await clock.advance(1_000_000)
            await store.submit(message("a", delay=60.0))
    with VirtualClock(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=1_000_059)) as clock:
        async with SQLiteStore(path) as store:
            assert await take(store) == []
            await clock.advance(1)
            assert len(await take(store)) == 1


async def test_a_task_that_loses_its_workers_is_a_dead_letter_that_says_how_many(
    path: Path, clock: VirtualClock
) -> None:
    for most, words in ((1, "1 worker was lost with it"), (3, "3 workers were lost with it")):
        async with SQLiteStore(path, lease=10, max_crashes=most) as store:
            await store.submit(message("a"))
            claims: list[Claim] = []
            for crashes in range(most):
                claims = await take(store)
                assert [claim.crashes for claim in claims] == [crashes]
                assert await store.begin(claims) == []
                await clock.advance(10)
            assert await take(store) == []
            [letter] = await store.dead_letters()
            assert (letter.error, letter.crashes, letter.failures) == (words, most, 0)
            assert [*await store.settle([(claims[0], outcome())])]
            await letter.discard()


async def test_a_suspect_that_is_lost_before_it_began_is_not_to_blame(
    path: Path, clock: VirtualClock
) -> None:
    async with SQLiteStore(path, lease=10) as store:
        await store.submit(message("a"))
        claims = await take(store)
        for _ in range(5):
            await clock.advance(10)
            old, claims = claims, await take(store)
            assert [claim.crashes for claim in claims] == [1]
            assert await store.begin(old) == old
            state = await store.status("a")
            assert (state.status, state.attempts, state.started_at) == ("running", 2, None)
        assert await store.begin(claims) == await store.begin([]) == []
        state = await store.status("a")
        assert state.started_at == datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=50)
        await clock.advance(9)
        assert await take(store) == []
        await clock.advance(1)
        [claim] = await take(store)
        assert claim.crashes == 2


async def test_what_has_ended_is_deleted_after_its_retention_and_dead_letters_stay(
    path: Path, clock: VirtualClock
) -> None:
    async with SQLiteStore(path, retention=60) as store:
        for task_id, error in (("good", None), ("bad", ValueError())):
            await store.submit(message(task_id))
            [claim] = await take(store)
            await store.settle([(claim, outcome(error))])
        await store.submit(message("waits", delay=1000.0))
        await clock.advance(59)
        assert await take(store) == []
        assert (await store.status("good")).status == "succeeded"
        await clock.advance(2)
        assert await take(store) == []
        assert [task.task_id for task in await store.tasks()] == ["waits", "bad"]
        # What is not known any more may be put again.
        await store.submit(message("good"))
        assert len(await take(store)) == 1


async def test_much_that_is_old_or_due_is_dealt_with_bit_by_bit(
    path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_sqlite_take, "AT_ONCE", 2)
    async with SQLiteStore(path) as store:
        for n in range(5):
            await store.submit(message(str(n), delay=10.0 + n))
        await clock.advance(60)
        taken = [claim.message.id for _ in range(5) for claim in await take(store, 5)]
        assert taken == [*"01234"]


async def test_of_many_types_the_highest_priority_comes_first(path: Path) -> None:
    async with SQLiteStore(path) as store:
        for n in range(40):
            await store.submit(message(str(n), name=f"t{n % 8}", priority=n % 5))
        types = {f"t{n}" for n in range(4)} | {f"other{n}" for n in range(1000)}
        claims = await take(store, 6, types=types)
        due = sorted((n for n in range(40) if n % 8 < 4), key=lambda n: (-(n % 5), n))
        assert [int(claim.message.id) for claim in claims] == due[:6]
