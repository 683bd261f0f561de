"""Tables of other releases."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from postlude import Message, SQLiteStore, StoreUnusable
from postlude.queue import _sqlite_schema

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tasks.db"


def ask(path: Path, statement: str) -> object:
    with closing(sqlite3.connect(path)) as connection, connection:
        row = connection.execute(statement).fetchone()
        return row and row[0]


async def test_a_file_says_whose_it_is_and_of_which_version(path: Path) -> None:
    async with SQLiteStore(path):
        pass
    assert ask(path, "PRAGMA application_id") == int.from_bytes(b"post", "big")
    assert ask(path, "PRAGMA user_version") == len(_sqlite_schema.STEPS)


async def test_a_file_of_a_newer_release_is_refused_with_both_versions(path: Path) -> None:
    async with SQLiteStore(path):
        pass
    known = len(_sqlite_schema.STEPS)
    ask(path, f"PRAGMA user_version = {known + 3}")
    with pytest.raises(StoreUnusable) as caught:
        async with SQLiteStore(path):
            pass
    assert f"has version {known + 3} of the store's tables" in str(caught.value)
    assert f"knows versions up to {known}" in str(caught.value)
    assert ask(path, "PRAGMA user_version") == known + 3


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A later release, which has two steps more."""
    steps = (
        ("ALTER TABLE tasks ADD COLUMN colour TEXT NOT NULL DEFAULT 'none'",),
        ("UPDATE tasks SET colour = 'blue' WHERE id = 'a'", "CREATE INDEX hue ON tasks (colour)"),
    )
    monkeypatch.setattr(_sqlite_schema, "STEPS", (*_sqlite_schema.STEPS, *steps))


async def put(path: Path, *ids: str) -> None:
    async with SQLiteStore(path) as store:
        for task_id in ids:
            await store.submit(Message("t", id=task_id, name="t"))


async def test_a_file_of_an_older_release_is_brought_up_to_date_with_its_tasks(
    path: Path, request: pytest.FixtureRequest
) -> None:
    await put(path, "a", "b")
    request.getfixturevalue("newer")
    await put(path, "c")
    assert ask(path, "PRAGMA user_version") == len(_sqlite_schema.STEPS)
    assert ask(path, "SELECT group_concat(colour, ' ') FROM tasks") == "blue none none"
    async with SQLiteStore(path) as store:
        assert await store.count(queue="default") == 3


async def test_a_new_file_has_all_steps(path: Path, newer: None) -> None:
    await put(path, "a")
    assert ask(path, "SELECT colour FROM tasks") == "none"


async def test_a_step_that_fails_leaves_the_file_as_it_was(
    path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(path, "a", "b")
    request.getfixturevalue("newer")
    steps = (*_sqlite_schema.STEPS, ("DROP TABLE missing",))
    with monkeypatch.context() as patch:
        patch.setattr(_sqlite_schema, "STEPS", steps)
        with pytest.raises(StoreUnusable, match="no such table: missing"):
            await put(path, "c")
    assert ask(path, "PRAGMA user_version") == len(_sqlite_schema.STEPS) - 2
    assert ask(path, "SELECT count(*) FROM pragma_table_info('tasks') WHERE name = 'colour'") == 0
    await put(path, "c")


@pytest.mark.parametrize("is_there", [False, True])
async def test_many_who_open_a_file_at_once_bring_it_up_to_date_once(
    path: Path, is_there: bool, request: pytest.FixtureRequest
) -> None:
    if is_there:
        await put(path, "a", "b")
    request.getfixturevalue("newer")

    async def open_it(number: int) -> None:
        async with SQLiteStore(path, timeout=30) as store:
            await store.submit(Message("t", id=f"new-{number}", name="t"))

    async with anyio.create_task_group() as group:
        for number in range(8):
            group.start_soon(open_it, number)
    assert ask(path, "SELECT count(*) FROM tasks") == 8 + 2 * is_there
    assert ask(path, "PRAGMA integrity_check") == "ok"
