import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from postlude import current_tasks


def connect() -> sqlite3.Connection:
    return sqlite3.connect("audit.db", timeout=30, isolation_level=None)


with closing(connect()) as db:
    db.execute("CREATE TABLE IF NOT EXISTS audit (at, action, user_id, written)")


def audit(action: str, user_id: int) -> None:
    current_tasks().add_task(write, datetime.now(UTC), action, user_id)


def write(at: datetime, action: str, user_id: int) -> None:
    with closing(connect()) as db:
        db.execute("BEGIN IMMEDIATE")  # waits, if another one writes
        times = at.isoformat(), datetime.now(UTC).isoformat()
        row = (times[0], action, user_id, times[1])
        db.execute("INSERT INTO audit VALUES (?, ?, ?, ?)", row)
        db.execute("COMMIT")
    print(f"audit: {action} {user_id}")
