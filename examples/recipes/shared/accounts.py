import hashlib
import logging
import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager

from letters import send_email
from postlude import current_tasks

log = logging.getLogger("postlude")
log.addHandler(logging.FileHandler("shop.log"))
log.setLevel(logging.DEBUG)
log.propagate = False

TABLES = """
CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, email UNIQUE, salt, key);
CREATE TABLE IF NOT EXISTS profiles (user_id INTEGER PRIMARY KEY, name);
"""


@contextmanager
def database() -> Generator[sqlite3.Connection]:
    with closing(sqlite3.connect("shop.db")) as connection, connection:
        connection.executescript(TABLES)
        yield connection


def add_user(email: str, password: str) -> int:
    salt = os.urandom(16)
    key = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
    insert = "INSERT INTO users (email, salt, key) VALUES (?, ?, ?) RETURNING id"
    with database() as db:
        (user_id,) = db.execute(insert, (email, salt, key)).fetchone()
    return int(user_id)


def create_profile(user_id: int, email: str) -> None:
    name = email.partition("@")[0]
    with database() as db:
        db.execute("INSERT INTO profiles VALUES (?, ?)", (user_id, name))
    print(f"created the profile of user {user_id}")


def register(email: str, password: str) -> dict[str, str | int]:
    user_id = add_user(email, password)
    tasks = current_tasks()
    tasks.add_task(send_email, to=email, subject="Welcome!", body="Good to have you.")
    tasks.add_task(create_profile, user_id, email)
    news = f"{email} has registered."
    tasks.add_task(send_email, to="admin@example.com", subject="New user", body=news)
    return {"user_id": user_id, "message": "An e-mail follows."}
