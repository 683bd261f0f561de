"""The tables of a store's file, and the way to them from those of older releases."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from postlude.errors import StoreUnusable

if TYPE_CHECKING:
    from collections.abc import Sequence

# "post", in the header of the file: whose it is.
APPLICATION_ID = 0x706F7374

# The states of a task as they are stored.
READY, DELAYED, RUNNING, SUCCEEDED, FAILED, TIMED_OUT, CANCELLED = range(7)

_FIRST = (
    """
    CREATE TABLE tasks (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        queue TEXT NOT NULL,
        priority INTEGER NOT NULL,
        state INTEGER NOT NULL,
        due_at REAL,
        message TEXT NOT NULL,
        enqueued_at REAL NOT NULL,
        claims INTEGER NOT NULL DEFAULT 0,
        worker TEXT,
        leased_at REAL,
        leased_until REAL,
        failures INTEGER NOT NULL DEFAULT 0,
        crashes INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        started_at REAL,
        ended_at REAL,
        is_dead INTEGER NOT NULL DEFAULT 0,
        error TEXT,
        result TEXT
    )
    """,
    # The columns at the end are for counts, which then need no look at the tasks themselves.
    """
    CREATE INDEX ready ON tasks (queue, priority DESC, seq, failures, crashes) WHERE state = 0
    """,
    "CREATE INDEX ready_by_name ON tasks (queue, name, priority DESC, seq) WHERE state = 0",
    "CREATE INDEX delayed ON tasks (due_at, queue, failures, crashes) WHERE state = 1",
    "CREATE INDEX running ON tasks (leased_until, leased_at, queue) WHERE state = 2",
    "CREATE INDEX ended ON tasks (ended_at, queue, state) WHERE state > 2 AND is_dead = 0",
    "CREATE INDEX dead ON tasks (queue, seq, state) WHERE is_dead = 1",
)

# What leads from each version to the next; a step that was released is never changed.
STEPS: Sequence[Sequence[str]] = (_FIRST,)


def check(connection: sqlite3.Connection, place: str) -> None:
    """Look at a file before anything in it is changed.

    Raises:
        StoreUnusable: The file is another program's, or of a newer release.
    """
    connection.execute("BEGIN")
    try:
        _version(connection, place)
    finally:
        _roll_back(connection)


def prepare(connection: sqlite3.Connection, place: str) -> None:
    """Bring the tables of a file to this release's, in one transaction.

    Raises:
        StoreUnusable: The file is another program's, or of a newer release.
    """
    if connection.execute("PRAGMA user_version").fetchone()[0] == len(STEPS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been faster.
        for step in STEPS[_version(connection, place) :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise


def _roll_back(connection: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.Error):  # SQLite may have done so itself
        connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection, place: str) -> int:
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if owner != APPLICATION_ID:
        if owner or version or tables:
            raise StoreUnusable(
                f"{place} is a SQLite database of another program: give the store a file of its own"
            )
        return 0
    if not 0 <= version <= len(STEPS):
        raise StoreUnusable(
            f"{place} has version {version} of the store's tables, and this release of postlude "
            f"knows versions up to {len(STEPS)}: install the release that wrote it, or a newer one"
        )
    return int(version)
