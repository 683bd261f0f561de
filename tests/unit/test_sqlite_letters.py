"""Dead letters: what they say, and the two ways out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from postlude import DeadLetter, Failed, Message, SQLiteStore, TaskStatus, TimedOut

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio
FACTS: dict[str, Any] = {"task_id": "", "name": "t", "attempts": 1, "duration": 0.0}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "tasks.db") as store:
        for number, queue in enumerate("aab"):
            await store.submit(
                Message("emails.send", (number,), id=f"id{number}", name="send", queue=queue)
            )
            [claim] = await store.claim(worker="w", queue=queue)
            failed = Failed(error=ValueError(f"no {number}"), **FACTS)
            timed_out = TimedOut(timeout=2.5, **FACTS)
            await store.settle([(claim, timed_out if queue == "b" else failed)])
        yield store


async def test_a_letter_says_what_it_was_and_why_it_died(store: SQLiteStore) -> None:
    letters = await store.dead_letters()
    assert [letter.task_id for letter in letters] == ["id0", "id1", "id2"]
    letter = letters[0]
    assert isinstance(letter, DeadLetter)
    assert (letter.name, letter.queue, letter.status) == ("send", "a", "failed")
    assert (letter.error, letter.failures, letter.crashes) == ("ValueError: no 0", 1, 0)
    assert letter.message is not None
    assert (letter.message.task, letter.message.args) == ("emails.send", (0,))
    assert letter.enqueued_at is not None
    assert letter.died_at is not None
    assert letter.enqueued_at <= letter.died_at
    assert "_send" not in repr(letter)
    [late] = await store.dead_letters("b")
    assert (late.status, late.error) == ("timed_out", "it was not done within 2.5 s")


async def test_a_letter_that_is_retried_waits_as_on_its_first_day(store: SQLiteStore) -> None:
    letter, _ = await store.dead_letters(queue="a")
    assert await letter.retry()
    assert not await letter.retry()
    assert not await letter.discard()
    state = await store.status("id0")
    assert (state.status, state.error, state.attempts, state.ended_at) == ("pending", None, 0, None)
    [claim] = await store.claim(worker="w", queue="a")
    assert (claim.message, claim.failures, claim.crashes) == (letter.message, 0, 0)
    assert [letter.task_id for letter in await store.dead_letters("a")] == ["id1"]


async def test_a_letter_that_is_discarded_is_gone(store: SQLiteStore) -> None:
    [letter] = await store.dead_letters("b")
    assert await letter.discard()
    assert not await letter.discard()
    assert not await letter.retry()
    assert (await store.status("id2")).status == "unknown"
    assert (await store.counts())[TaskStatus.TIMED_OUT] == 0


async def test_a_letter_of_a_task_that_was_deleted_since_touches_no_other(
    store: SQLiteStore,
) -> None:
    [letter] = await store.dead_letters("b")
    await letter.discard()
    # It gets the row that became free.
    await store.submit(Message("emails.send", id="new", name="send", queue="b"))
    [claim] = await store.claim(worker="w", queue="b")
    await store.settle([(claim, Failed(error=ValueError(), **FACTS))])
    assert not await letter.discard()
    assert [letter.task_id for letter in await store.dead_letters("b")] == ["new"]
