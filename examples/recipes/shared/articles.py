import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager

from postlude import current_tasks

TABLE = """CREATE TABLE IF NOT EXISTS articles
(number INTEGER PRIMARY KEY, title TEXT, text TEXT, version INTEGER DEFAULT 1)"""
INDEX = """CREATE VIRTUAL TABLE IF NOT EXISTS entries
USING fts5(title, text, version UNINDEXED)"""
SAVE = """INSERT INTO articles (number, title, text) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET title = ?2, text = ?3, version = version + 1"""


def opened(file: str) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(file, timeout=30, isolation_level=None))


@contextmanager
def writing(file: str) -> Generator[sqlite3.Connection]:
    with opened(file) as connection:
        connection.execute("BEGIN IMMEDIATE")  # waits, if another one writes
        yield connection
        connection.execute("COMMIT")


with writing("articles.db") as articles, writing("index.db") as entries:
    articles.execute(TABLE)
    entries.execute(INDEX)


def save(number: int, title: str, text: str) -> dict[str, int]:
    with writing("articles.db") as articles:
        articles.execute(SAVE, (number, title, text))
    current_tasks().add_task(update_index, number)
    return {"number": number}


def update_index(number: int) -> None:
    """Bring the entry of one article up to date, whatever it was before."""
    newest = "SELECT number, title, text, version FROM articles WHERE number = ?"
    insert = "INSERT INTO entries (rowid, title, text, version) VALUES (?, ?, ?, ?)"
    with writing("index.db") as entries, opened("articles.db") as articles:
        entries.execute("DELETE FROM entries WHERE rowid = ?", (number,))
        entries.executemany(insert, articles.execute(newest, (number,)).fetchall())
    print(f"indexed article {number}")


def search(words: str) -> list[str]:
    query = "SELECT title FROM entries WHERE entries MATCH ? ORDER BY rank"
    phrase = '"' + words.replace('"', '""') + '"'
    with opened("index.db") as entries:
        return [title for (title,) in entries.execute(query, (phrase,))]


def catch_up() -> None:
    """Index what a crash has left out."""
    with opened("index.db") as entries, opened("articles.db") as articles:
        indexed = set(entries.execute("SELECT rowid, version FROM entries"))
        saved = set(articles.execute("SELECT number, version FROM articles"))
    for number, _ in sorted(saved - indexed):
        update_index(number)
