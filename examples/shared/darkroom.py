import sqlite3
from pathlib import Path

from doors import go_through
from PIL import Image

TABLE = """create table if not exists photos (id integer primary key,
    state text default 'uploaded', width integer, height integer, bytes integer)"""


def shrink(source: Path, target: Path) -> tuple[int, int]:
    go_through("darkroom")
    with Image.open(source) as image:
        image.thumbnail((800, 800))
        image.convert("RGB").save(target, "JPEG", quality=80, optimize=True)
        return image.size


def run(statement: str, *values: object) -> int:
    connection = sqlite3.connect("photos.db")
    with connection:
        connection.execute(TABLE)
        row = connection.execute(statement, values).lastrowid
    connection.close()
    return row or 0


def read(photo: int) -> dict[str, object]:
    connection = sqlite3.connect("photos.db")
    connection.row_factory = sqlite3.Row
    connection.execute(TABLE)
    row = connection.execute("select * from photos where id = ?", (photo,)).fetchone()
    connection.close()
    return dict(row) if row else {}
