import logging
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager

import depot
import httpx
from letters import send_email
from postlude import current_tasks

logging.getLogger("httpx").setLevel(logging.WARNING)  # no line for each request
TABLES = """
CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item, quantity, email);
CREATE TABLE IF NOT EXISTS stock (item PRIMARY KEY, pieces);
CREATE TABLE IF NOT EXISTS sales (order_id PRIMARY KEY, pieces);
INSERT OR IGNORE INTO stock VALUES ('lamp', 10);
"""


@contextmanager
def database() -> Generator[sqlite3.Connection]:
    with closing(sqlite3.connect("shop.db")) as connection, connection:
        yield connection


with database() as db:
    db.executescript(TABLES)


def reduce_stock(item: str, quantity: int) -> None:
    reduce = "UPDATE stock SET pieces = pieces - ? WHERE item = ? RETURNING pieces"
    with database() as db:
        [(left,)] = db.execute(reduce, (quantity, item))
    print(f"{item}: {left} left")


def tell_warehouse(order_id: int, item: str, quantity: int) -> None:
    order = {"order_id": order_id, "item": item, "quantity": quantity}
    httpx.post(depot.url, json=order, timeout=5).raise_for_status()


def record_sale(order_id: int, quantity: int) -> None:
    with database() as db:
        db.execute("INSERT INTO sales VALUES (?, ?)", (order_id, quantity))
    print(f"recorded the sale of order {order_id}")


def place(item: str, quantity: int, email: str) -> dict[str, int | str]:
    insert = "INSERT INTO orders (item, quantity, email) VALUES (?, ?, ?) RETURNING id"
    with database() as db:
        [(order_id,)] = db.execute(insert, (item, quantity, email))
    thanks = f"Thank you. We pack {quantity} x {item}."
    tasks = current_tasks()
    tasks.add_task(send_email, to=email, subject=f"Order {order_id}", body=thanks)
    tasks.add_task(reduce_stock, item, quantity)
    tasks.add_task(tell_warehouse, order_id, item, quantity)
    tasks.add_task(record_sale, order_id, quantity)
    return {"order_id": order_id, "status": "processing"}
