import secrets
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import timedelta
from hashlib import sha256

from letters import send_email
from postlude import (
    BackgroundTask,
    SQLiteStore,
    TaskQueue,
    Worker,
    WorkerPool,
    current_tasks,
    task,
)

HOUR = timedelta(hours=1)
store = SQLiteStore("tasks.db")
queue = TaskQueue(store=store)
pool = WorkerPool(Worker(queue, "chores"))


@contextmanager
def database() -> Generator[sqlite3.Connection]:
    with closing(sqlite3.connect("shop.db")) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS tokens (key, email)")
        yield connection


def key_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


@task
def delete_token(key: str) -> None:
    with database() as db:
        db.execute("DELETE FROM tokens WHERE key = ?", (key,))


def new_token(email: str) -> str:
    token = secrets.token_urlsafe()
    with database() as db:
        db.execute("INSERT INTO tokens VALUES (?, ?)", (key_of(token), email))
    return token


def expiry(token: str) -> BackgroundTask:
    key = key_of(token)
    expire = BackgroundTask(delete_token, key)
    return expire.with_options(engine=store, delay=HOUR, task_id=f"expiry-{key}")


def is_valid(token: str) -> bool:
    with database() as db:
        rows = db.execute("SELECT 1 FROM tokens WHERE key = ?", (key_of(token),))
        return rows.fetchone() is not None


def ask(email: str) -> dict[str, str]:
    token = new_token(email)
    link = f"https://shop.example.com/reset?token={token}"
    tasks = current_tasks()
    tasks.add(expiry(token))
    tasks.add_task(send_email, email, "Reset your password", link)
    return {"message": "An e-mail is on its way."}


async def redeem(token: str) -> tuple[dict[str, str], int]:
    with database() as db:
        delete = "DELETE FROM tokens WHERE key = ? RETURNING email"
        rows = db.execute(delete, (key_of(token),)).fetchall()
    if not rows:
        return {"detail": "used, expired or made up"}, 404
    await store.cancel(f"expiry-{key_of(token)}")
    return {"new password for": rows[0][0]}, 200
