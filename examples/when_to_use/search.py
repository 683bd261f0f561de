import asyncio
import sqlite3
from contextlib import closing

from postlude import BackgroundTasks

FOUND = "select id from search where search match ? order by rank"
cache: dict[str, list[int]] = {}


def change(statement: str, *values: object) -> None:
    with closing(sqlite3.connect("shop.db")) as shop, shop:
        shop.execute(statement, values)


def find(word: str) -> list[int]:
    if word not in cache:
        with closing(sqlite3.connect("shop.db")) as shop:
            cache[word] = [row[0] for row in shop.execute(FOUND, (word,))]
    return cache[word]


def index(number: int) -> None:
    change("delete from search where id = ?", number)
    change("insert into search select id, text from articles where id = ?", number)


change("create table articles (id integer primary key, text)")
change("create virtual table search using fts5 (id unindexed, text)")
change("insert into articles values (1, 'a brass lamp'), (2, 'a wooden lamp')")
print("before:", find("lamp"))
tasks = BackgroundTasks()
for number in (1, 2):
    tasks.add_task(index, number)
tasks.add_task(cache.clear)
print("cached:", find("lamp"))
asyncio.run(tasks())  # what your framework does after the response
print("after:", find("lamp"))
asyncio.run(tasks())
print("done twice:", find("lamp"))
