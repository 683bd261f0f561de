import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from postlude import BackgroundScheduler, TaskRunner

BERLIN = ZoneInfo("Europe/Berlin")
BACKUPS = Path("backups")
BACKUPS.mkdir(exist_ok=True)
TABLES = """
CREATE TABLE IF NOT EXISTS log (at REAL, line TEXT);
CREATE TABLE IF NOT EXISTS orders (at REAL, item TEXT);
CREATE TABLE IF NOT EXISTS hours (until REAL, orders INTEGER);
"""


@contextmanager
def database() -> Generator[sqlite3.Connection]:
    with closing(sqlite3.connect("shop.db")) as connection, connection:
        yield connection


with database() as db:
    db.executescript(TABLES)


def now() -> datetime:
    return datetime.now(UTC)


def say(what: str) -> None:
    print(f"{now().astimezone(BERLIN):%a %d %b %H:%M} {what}")


def delete_old_lines() -> None:
    oldest = now() - timedelta(days=30)
    with database() as db:
        old = db.execute("DELETE FROM log WHERE at < ?", (oldest.timestamp(),))
    say(f"deleted old lines: {old.rowcount}")


def count_orders() -> None:
    until = now().timestamp()
    hour = "SELECT ?1, count(*) FROM orders WHERE at >= ?1 - 3600 AND at < ?1"
    with database() as db:  # no row for an hour without orders
        db.execute(f"INSERT INTO hours {hour} GROUP BY 1", (until,))


def back_up() -> None:
    part = BACKUPS / "unfinished"
    with database() as shop, closing(sqlite3.connect(part)) as copy:
        shop.backup(copy)
    file = part.replace(BACKUPS / f"{now().astimezone(BERLIN):%Y-%m-%d}.db")
    say(f"wrote {file}")


runner = TaskRunner()
scheduler = BackgroundScheduler(runner, timezone=BERLIN)
chores = [
    scheduler.add_recurring_task(delete_old_lines, cron="0 2 * * *"),
    scheduler.add_recurring_task(count_orders, cron="0 * * * *"),
    scheduler.add_recurring_task(back_up, cron="0 3 * * SUN"),
]


def plan() -> dict[str, str]:
    due = {each.name: each.next_run for each in chores}
    return {name: at.isoformat() if at else "never" for name, at in due.items()}
