import logging
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager

import depot
import httpx
from letters import send_email
from postlude import current_tasks

logging.getLogger("httpx").setLevel(logging.WARNING)  # no line for each request
Items = dict[str, int]

TABLES = """
CREATE TABLE IF NOT EXISTS stock (item PRIMARY KEY, pieces);
CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, email);
CREATE TABLE IF NOT EXISTS sales (order_id PRIMARY KEY, pieces);
INSERT OR IGNORE INTO stock VALUES ('lamp', 5), ('cable', 9);
"""


@contextmanager
def database() -> Generator[sqlite3.Connection]:
    with closing(sqlite3.connect("shop.db")) as connection, connection:
        connection.executescript(TABLES)
        yield connection


def reduce_stock(order_id: int, items: Items) -> None:
    update = "UPDATE stock SET pieces = pieces - ? WHERE item = ? AND pieces >= ?"
    with database() as db:
        for item, pieces in items.items():
            if not db.execute(update, (pieces, item, pieces)).rowcount:
                raise LookupError(f"order {order_id} wants {pieces} {item}: sold out")
    print(f"took order {order_id} from stock")


def call_warehouse(order_id: int, items: Items) -> None:
    call = {"order_id": order_id, "items": items}
    httpx.post(depot.url, json=call, timeout=5).raise_for_status()


def record_sale(order_id: int, items: Items) -> None:
    with database() as db:
        sale = (order_id, sum(items.values()))
        db.execute("INSERT INTO sales VALUES (?, ?)", sale)
    print(f"recorded the sale of order {order_id}")


def has(db: sqlite3.Connection, item: str, pieces: int) -> bool:
    select = "SELECT pieces FROM stock WHERE item = ?"
    (there,) = db.execute(select, (item,)).fetchone() or (0,)
    return bool(0 < pieces <= there)


def place_order(email: str, items: Items) -> int | None:
    with database() as db:
        if not items or not all(has(db, *each) for each in items.items()):
            return None
        insert = "INSERT INTO orders (email) VALUES (?) RETURNING id"
        (order_id,) = db.execute(insert, (email,)).fetchone()
    subject, body = f"Order {order_id}", f"Thank you for order {order_id}."
    tasks = current_tasks()
    tasks.add_task(send_email, to=email, subject=subject, body=body)
    tasks.add_task(reduce_stock, order_id, items)
    tasks.add_task(call_warehouse, order_id, items)
    tasks.add_task(record_sale, order_id, items)
    return int(order_id)
